import Glibc
import Synchronization

/// The real disk: one folder, files kept open, `flock`, `pwrite`, `fdatasync`.
///
/// The only file of the module that calls libc; each `unsafe` passes a pointer for the length of the call only.
package final class FileStorage: Storage {
    private struct OpenFile {
        let name: String
        let descriptor: Int32
    }

    private let folder: String
    /// Two or three at a time: the lock, the segment being written, one being made.
    private let files = Mutex<[OpenFile]>([])

    /// Makes the folder if it is missing; the folder above must exist. It is for this user only, as the journal
    /// holds customers' words.
    package init(folder: String) throws(JournalError) {
        self.folder = folder
        if unsafe mkdir(folder, 0o700) == 0 {
            try Self.syncFolder(folder + "/..")
        } else if errno != EEXIST {
            throw .storage(.makeFolder, file: folder, code: errno)
        }
    }

    deinit {
        for file in files.withLock({ $0 }) { _ = Glibc.close(file.descriptor) }
    }

    package func lock() throws(JournalError) -> Bool {
        let name = "LOCK"
        let descriptor = try openDescriptor(name, O_RDWR | O_CREAT, .lock)
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
            files.withLock { $0.append(OpenFile(name: name, descriptor: descriptor)) }
            return true
        }
        let code = errno
        _ = Glibc.close(descriptor)
        guard code == EWOULDBLOCK else { throw .storage(.lock, file: name, code: code) }
        return false
    }

    package func list() throws(JournalError) -> [String] {
        guard let directory = unsafe opendir(folder) else { throw .storage(.list, file: folder, code: errno) }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        errno = 0
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw .storage(.list, file: folder, code: errno) }
        return names.sorted()
    }

    package func create(_ name: String) throws(JournalError) {
        let descriptor = try openDescriptor(name, O_RDWR | O_CREAT | O_EXCL, .create)
        files.withLock { $0.append(OpenFile(name: name, descriptor: descriptor)) }
    }

    package func size(of name: String) throws(JournalError) -> Int {
        let end = lseek(try descriptor(of: name), 0, SEEK_END)
        guard end >= 0 else { throw .storage(.size, file: name, code: errno) }
        return end
    }

    package func read(_ name: String, at offset: Int, count: Int) throws(JournalError) -> [UInt8] {
        let descriptor = try descriptor(of: name)
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        var code: Int32 = 0
        unsafe bytes.withUnsafeMutableBytes { buffer in
            while done < count {
                guard let start = buffer.baseAddress else { return }
                let got = unsafe pread(descriptor, start + done, count - done, offset + done)
                if got < 0 && errno == EINTR { continue }
                if got < 0 { code = errno }
                if got <= 0 { return }
                done += got
            }
        }
        guard code == 0 else { throw .storage(.read, file: name, code: code) }
        if done < count { bytes.removeSubrange(done...) }
        return bytes
    }

    package func write(_ name: String, at offset: Int, _ bytes: [UInt8]) throws(JournalError) {
        let descriptor = try descriptor(of: name)
        var code: Int32 = 0
        unsafe bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                guard let start = buffer.baseAddress else { return }
                let put = unsafe pwrite(descriptor, start + done, buffer.count - done, offset + done)
                if put < 0 && errno == EINTR { continue }
                if put <= 0 {
                    code = put < 0 ? errno : EIO
                    return
                }
                done += put
            }
        }
        guard code == 0 else { throw .storage(.write, file: name, code: code) }
    }

    package func sync(_ name: String) throws(JournalError) {
        guard fdatasync(try descriptor(of: name)) == 0 else { throw .storage(.sync, file: name, code: errno) }
    }

    package func syncDirectory() throws(JournalError) {
        try Self.syncFolder(folder)
    }

    package func rename(_ name: String, to newName: String) throws(JournalError) {
        guard unsafe Glibc.rename(path(name), path(newName)) == 0 else {
            throw .storage(.rename, file: name, code: errno)
        }
        close(name)
        close(newName)
    }

    package func remove(_ name: String) throws(JournalError) {
        close(name)
        guard unsafe unlink(path(name)) == 0 else { throw .storage(.remove, file: name, code: errno) }
    }

    package func close(_ name: String) {
        files.withLock { files in
            guard let index = files.firstIndex(where: { $0.name == name }) else { return }
            _ = Glibc.close(files.remove(at: index).descriptor)
        }
    }

    package func freeBytes() throws(JournalError) -> UInt64 {
        var answer = statvfs()
        guard unsafe statvfs(folder, &answer) == 0 else {
            throw .storage(.freeBytes, file: folder, code: errno)
        }
        return UInt64(answer.f_bavail) * UInt64(answer.f_frsize)
    }

    private func path(_ name: String) -> String { folder + "/" + name }

    /// The open file of this name, opened now if it was not.
    private func descriptor(of name: String) throws(JournalError) -> Int32 {
        if let open = files.withLock({ $0.first { $0.name == name } }) { return open.descriptor }
        let descriptor = try openDescriptor(name, O_RDWR, .open)
        files.withLock { $0.append(OpenFile(name: name, descriptor: descriptor)) }
        return descriptor
    }

    private func openDescriptor(
        _ name: String, _ flags: Int32, _ operation: StorageOperation
    ) throws(JournalError) -> Int32 {
        let descriptor = unsafe open(path(name), flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .storage(operation, file: name, code: errno) }
        return descriptor
    }

    private static func syncFolder(_ path: String) throws(JournalError) {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .storage(.syncDirectory, file: path, code: errno) }
        let code = fsync(descriptor) == 0 ? 0 : errno
        _ = Glibc.close(descriptor)
        guard code == 0 else { throw .storage(.syncDirectory, file: path, code: code) }
    }
}
