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
    private let isReadOnly: Bool
    private let aside: @Sendable (@escaping @Sendable () -> Void) -> Void
    /// Two or three at a time: the lock, the segment being written, one being made.
    private let files = Mutex<[OpenFile]>([])

    /// Makes the folder if it is missing; the folder above must exist. It is for this user only, as the journal
    /// holds customers' words. A read-only one makes and changes nothing, not even the lock's file. `aside` does what
    /// nobody need wait for, perhaps beside the caller.
    package init(
        folder: String, isReadOnly: Bool = false,
        aside: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void = { $0() }
    ) throws(JournalError) {
        self.folder = folder
        self.aside = aside
        self.isReadOnly = isReadOnly
        if isReadOnly { return }
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
        if isReadOnly, try !list().contains(name) { return true }
        let descriptor = try openDescriptor(name, isReadOnly ? O_RDONLY : O_RDWR | O_CREAT, .lock)
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
        var code: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
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

    /// While a file is open it keeps its space, and only its name is gone: to give back a snapshot's takes some tens of
    /// milliseconds, for which nobody waits.
    package func remove(_ name: String) throws(JournalError) {
        close(name)
        let descriptor = unsafe open(path(name), O_RDONLY | O_CLOEXEC)
        defer { if descriptor >= 0 { aside { _ = Glibc.close(descriptor) } } }
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
        let descriptor = try openDescriptor(name, isReadOnly ? O_RDONLY : O_RDWR, .open)
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

    fileprivate static func syncFolder(_ path: String) throws(JournalError) {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .storage(.syncDirectory, file: path, code: errno) }
        let code = fsync(descriptor) == 0 ? 0 : errno
        _ = Glibc.close(descriptor)
        guard code == 0 else { throw .storage(.syncDirectory, file: path, code: code) }
    }
}

/// The marker as a file beside the folder: `ledger.initialised` for `ledger`.
package struct FileMarker: InitMarker {
    package let place: String

    package init(beside folder: String) {
        var path = folder[...]
        while path.count > 1 && path.hasSuffix("/") { path.removeLast() }
        place = path + ".initialised"
    }

    package func read() throws(JournalError) -> [UInt8]? {
        let descriptor = unsafe open(place, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 && errno == ENOENT { return nil }
        guard descriptor >= 0 else { throw .storage(.open, file: place, code: errno) }
        defer { _ = Glibc.close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let got = unsafe bytes.withUnsafeMutableBytes { unsafe pread(descriptor, $0.baseAddress, $0.count, 0) }
        guard got >= 0 else { throw .storage(.read, file: place, code: errno) }
        return [UInt8](bytes.prefix(got))
    }

    package func write(_ bytes: [UInt8]) throws(JournalError) {
        let draft = place + ".new"
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .storage(.create, file: draft, code: errno) }
        let put = unsafe bytes.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        let isSynced = put == bytes.count && fdatasync(descriptor) == 0
        let code = put >= 0 && put < bytes.count ? EIO : errno
        _ = Glibc.close(descriptor)
        guard isSynced else { throw .storage(.write, file: draft, code: code) }
        guard unsafe rename(draft, place) == 0 else { throw .storage(.rename, file: draft, code: errno) }
        try FileStorage.syncFolder(Self.parent(of: place))
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
