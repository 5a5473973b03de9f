import Foundation
import Testing

extension Processes {
    @Suite struct JournalVerbTests {}
}

extension Processes.JournalVerbTests {
    private func journal(_ words: String...) -> (code: Int32, text: String) {
        Shell.run(Program.path, ["journal"] + words)
    }

    @Test("verify, dump and repair say what is in a ledger, beside a coordinator, after its death, torn and damaged")
    func aLedgersLife() async throws {
        try await Cluster.run(Companies.two, regions: Companies.regions) { cluster in
            let customer = Submitter(at: cluster.routers, every: 20)
            let isMoving = try await eventually(within: 15) { customer.acknowledged >= 5 }
            #expect(isMoving)
            await customer.finish()
            let ledger = cluster.ledger
            let beside = journal("verify", ledger)
            #expect(beside.code == 0 && beside.text.contains("a coordinator works on it"), "\(beside.text)")
            let refused = journal("repair", "--cut-tail", ledger)
            #expect(refused.code == 70 && refused.text.contains("stop it first"), "\(refused.text)")

            for member in cluster.members { member.child.kill(SIGKILL) }
            for member in cluster.members { member.child.waitForEnd() }
            let whole = journal("verify", ledger, "--format", "json")
            #expect(whole.code == 0 && whole.text.contains("\"isWhole\" : true"), "\(whole.text)")
            let all = journal("dump", ledger).text.split(separator: "\n")
            let opened = all.filter { $0.contains(" opened ticket ") }
            #expect(opened.count == customer.acknowledged)
            #expect(opened.allSatisfy { $0.contains(/key [0-9a-f]{32}/) && $0.contains(" said (") }, "\(opened)")
            let one = journal("dump", ledger, "--ticket", "2", "--format", "json").text
            #expect(one.split(separator: "\n").allSatisfy { $0.contains("\"ticket\":2") } && !one.isEmpty, "\(one)")
            let some = journal("dump", ledger, "--from", "3", "--to", "4").text.split(separator: "\n")
            #expect(some.count == 2 && some[0].hasPrefix("3 ") && some[1].hasPrefix("4 "), "\(some)")

            let segment = ledger + "/journal-0000000000000001.log"
            let end = try used(segment)
            try overwrite(segment, at: end, [1, 2, 3])
            let torn = journal("verify", ledger)
            #expect(torn.code == 0 && torn.text.contains("3 bytes of a torn batch"), "\(torn.text)")
            let cut = journal("repair", "--cut-tail", ledger)
            #expect(cut.code == 0 && cut.text.contains("cut 3 bytes at offset \(end)"), "\(cut.text)")
            #expect(journal("repair", "--cut-tail", ledger).text.contains("nothing to cut"))

            try overwrite(segment, at: 100, [255, 255])
            let damaged = journal("verify", ledger)
            let place = "journal-0000000000000001.log is damaged at offset 64"
            #expect(damaged.code == 1 && damaged.text.contains(place), "\(damaged.text)")
            let uncut = journal("repair", "--cut-tail", ledger)
            #expect(uncut.code == 1 && uncut.text.contains(place), "\(uncut.text)")
            try cluster.coordinator.child.start()
            let isRefused = try await eventually(within: 10) { !cluster.coordinator.child.isRunning }
            #expect(isRefused && cluster.coordinator.child.ending == 70)
            #expect(cluster.coordinator.child.tail(2).contains(place), "\(cluster.coordinator.child.tail(2))")
        }
    }

    @Test("a folder emptied to the last file is refused, until the marker beside it is removed")
    func emptied() async throws {
        try await Cluster.run(Companies.two, regions: Companies.regions) { cluster in
            let coordinator = cluster.coordinator.child
            coordinator.kill(SIGKILL)
            coordinator.waitForEnd()
            try FileManager.default.removeItem(atPath: cluster.ledger)
            try coordinator.start()
            let isRefused = try await eventually(within: 10) { !coordinator.isRunning }
            #expect(isRefused && coordinator.ending == 70)
            #expect(coordinator.tail(2).contains("\(cluster.ledger).initialised"), "\(coordinator.tail(2))")
        }
    }

    @Test("words that mean nothing, and folders that are none, are told so")
    func usage() {
        for words in [["verify"], ["look", "/tmp"], ["verify", "/nowhere/at/all"], ["repair", "/tmp"]] {
            #expect(Shell.run(Program.path, ["journal"] + words).code == 2, "\(words)")
        }
        let empty = journal("verify", "/proc/self/fdinfo")
        #expect(empty.code == 1 && empty.text.contains("there is no ledger in the folder"), "\(empty.text)")
        #expect(journal("--help").text.contains("A torn tail is"))
    }

    /// Bytes up to the last that is not zero, of a file whose first MiB is all that is used.
    private func used(_ path: String) throws -> Int {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? file.close() }
        let bytes = [UInt8](try file.read(upToCount: 1 << 20) ?? Data())
        return (bytes.lastIndex { $0 != 0 } ?? -1) + 1
    }

    private func overwrite(_ path: String, at offset: Int, _ bytes: [UInt8]) throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try file.seek(toOffset: UInt64(offset))
        try file.write(contentsOf: Data(bytes))
        try file.close()
    }
}
