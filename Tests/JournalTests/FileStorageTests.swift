import Glibc
import Testing

@testable import Journal

@Suite struct FileStorageTests {
    @Test("a journal on the real disk is replayed the same, over several segments")
    func roundTrip() throws {
        try inFolder { folder in
            var written: [Kept] = []
            do {
                var journal = try open(try FileStorage(folder: folder), segmentBytes: 256)
                written = try fill(&journal, batches: 20)
            }
            let (kept, report) = try reopen(try FileStorage(folder: folder), segmentBytes: 256)
            #expect(kept == written)
            #expect(report.segments > 3)
        }
    }

    @Test("a folder somebody holds is refused until they let go")
    func lock() throws {
        try inFolder { folder in
            do {
                let journal = try open(try FileStorage(folder: folder))
                #expect(refusal(try FileStorage(folder: folder)) == .locked)
                _ = journal.nextLSN
            }
            #expect(refusal(try FileStorage(folder: folder)) == nil)
        }
    }

    @Test("bytes are read where they were written, and fewer at the end of the file")
    func readsAndWrites() throws {
        try inFolder { folder in
            let storage = try FileStorage(folder: folder)
            try storage.create("a")
            try storage.write("a", at: 2, [1, 2, 3])
            try storage.sync("a")
            try storage.rename("a", to: "b")
            try storage.syncDirectory()
            #expect(try storage.read("b", at: 0, count: 9) == [0, 0, 1, 2, 3])
            #expect(try storage.size(of: "b") == 5)
            #expect(try storage.list() == ["b"])
            #expect(try storage.freeBytes() > 0)
            #expect(throws: JournalError.storage(.create, file: "b", code: EEXIST)) { try storage.create("b") }
            #expect(throws: JournalError.storage(.open, file: "a", code: ENOENT)) { try storage.size(of: "a") }
            try storage.remove("b")
            #expect(try storage.list() == [])
        }
    }

    @Test("the marker lies beside the folder, and is read back")
    func marker() throws {
        try inFolder { folder in
            let marker = FileMarker(beside: folder + "/")
            defer { unsafe unlink(marker.place) }
            #expect(marker.place == folder + ".initialised")
            #expect(try marker.read() == nil)
            try marker.write([1, 2, 3])
            #expect(try marker.read() == [1, 2, 3])
            #expect(throws: JournalError.self) { try FileMarker(beside: "/nowhere/at/all").write([1]) }
        }
    }

    @Test("read-only storage reads a journal without its lock's file, sees a holder, and makes nothing")
    func readOnly() throws {
        try inFolder { folder in
            let holder = try FileStorage(folder: folder)
            #expect(try holder.lock())
            let reader = try FileStorage(folder: folder, isReadOnly: true)
            #expect(try !reader.lock())
            #expect(throws: JournalError.self) { try reader.write("LOCK", at: 0, [1]) }
        }
        let nowhere = try FileStorage(folder: "/nowhere/at/all", isReadOnly: true)
        #expect(throws: JournalError.storage(.list, file: "/nowhere/at/all", code: ENOENT)) { try nowhere.list() }
    }

    @Test("a folder that cannot be made is an error with its name")
    func noFolder() {
        #expect(throws: JournalError.storage(.makeFolder, file: "/nowhere/at/all", code: ENOENT)) {
            try FileStorage(folder: "/nowhere/at/all")
        }
    }

    /// A folder of this test's own, taken away afterwards with the files in it.
    private func inFolder(_ body: (String) throws -> Void) throws {
        var template = [CChar]("/tmp/journal-tests-XXXXXX".utf8CString)
        let made = unsafe template.withUnsafeMutableBufferPointer { unsafe mkdtemp($0.baseAddress!) != nil }
        try #require(made)
        let parent = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let folder = parent + "/journal"
        defer {
            if let storage = try? FileStorage(folder: folder), let names = try? storage.list() {
                for name in names { try? storage.remove(name) }
            }
            unsafe rmdir(folder)
            unsafe rmdir(parent)
        }
        try body(folder)
    }
}
