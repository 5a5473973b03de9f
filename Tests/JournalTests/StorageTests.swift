import Testing

@testable import Journal

/// The simulated disk must do harm, or the tests that rely on it prove nothing.
@Suite struct StorageTests {
    @Test("the simulated disk keeps what was synced, and of the rest what the crash says")
    func crashes() throws {
        for (mode, expected) in [
            (MemoryStorage.Crash.losingAll, [UInt8]([1, 2])), (.keepingAll, [1, 2, 3, 4]),
            (.tearingLast(keeping: 1), [1, 2, 3]),
        ] {
            let storage = MemoryStorage()
            try storage.create("a")
            try storage.write("a", at: 0, [1, 2])
            try storage.sync("a")
            try storage.syncDirectory()
            try storage.write("a", at: 2, [3, 4])
            storage.crash(mode)
            #expect(try storage.bytes(of: "a") == expected)
        }
    }

    @Test("the simulated disk forgets a rename that was not synced")
    func forgetsRename() throws {
        let storage = MemoryStorage()
        try storage.create("a")
        try storage.syncDirectory()
        try storage.rename("a", to: "b")
        storage.crash()
        #expect(try storage.list() == ["a"])
    }
}
