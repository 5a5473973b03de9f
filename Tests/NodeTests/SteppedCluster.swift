import Journal
import Node
import Routing
import Wire

/// A coordinator and two routers in one thread, stepped by hand: the same nodes as in production, on a town's network,
/// a memory disk and a clock that the test moves.
final class SteppedCluster {
    let town: Town
    private(set) var disk = MemoryDisk()
    private var nodes: [String: any Steppable] = [:]
    private var order: [String] = []
    /// What the coordinator reads when it starts.
    private(set) var company: @Sendable () throws -> Company
    /// Shown every reply of the coordinator as it leaves.
    private let onReply: @Sendable ([UInt8], MemoryDisk) -> Void
    private let flaws: Flaws

    static let coordinator = "coordinator"
    static let regions = ["a", "b"]

    convenience init(
        _ text: CompanyText = CompanyText(), flaws: Flaws = .none,
        onReply: @escaping @Sendable ([UInt8], MemoryDisk) -> Void = { _, _ in }
    ) throws {
        try self.init(regions: Self.regions, flaws: flaws, onReply: onReply) { try text.read() }
    }

    /// With a router of its own in each of the regions, of the same name.
    init(
        regions: [String], town: Town = Town(), flaws: Flaws = .none,
        onReply: @escaping @Sendable ([UInt8], MemoryDisk) -> Void,
        company: @escaping @Sendable () throws -> Company
    ) throws {
        self.town = town
        self.company = company
        self.onReply = onReply
        self.flaws = flaws
        try startCoordinator()
        for region in regions { startRouter(region) }
        run(1_000)
    }

    /// A snapshot every few turns that have work; segments roll with some of them.
    private var sizes: LedgerDisk.Sizes {
        var sizes = LedgerDisk.Sizes()
        sizes.segment = 1 << 16
        sizes.betweenSnapshots = 1 << 13
        return sizes
    }

    func startCoordinator(on disk: MemoryDisk? = nil) throws {
        if let disk { self.disk = disk }
        let network = TownNetwork(Self.coordinator, town) { [disk = self.disk, onReply] in onReply($0, disk) }
        let node = try CoordinatorNode(
            name: "coordinator", company: try company(), storage: self.disk,
            clusterID: .drawn { Journal.ClusterID(high: 1, low: 2) }, sizes: sizes, network: network,
            now: town.now, log: Log("coordinator:", isQuiet: true), flaws: flaws)
        add(node, Self.coordinator)
    }

    /// The cluster file is another one from now on; the coordinator reads it while everything runs.
    func reload(_ read: @escaping @Sendable () throws -> Company) throws {
        let loaded: Result<Company, Configuration.Invalid>
        do { loaded = .success(try read()) } catch let invalid as Configuration.Invalid { loaded = .failure(invalid) }
        if case .success = loaded { company = read }
        guard let node = nodes[Self.coordinator], !node.isOver else { return }
        node.turn([.loaded(loaded, token: nil)], at: town.now)
    }

    func startRouter(_ name: String, region: String? = nil, speaking version: UInt8 = wireVersion) {
        let place = RouterNode.Place(
            name: name, region: region ?? name, address: name, gossipAddress: name, coordinator: Self.coordinator)
        add(
            RouterNode(
                place: place, network: TownNetwork(name, town), now: town.now, log: Log("\(name):", isQuiet: true),
                speaking: version, flaws: flaws),
            name)
    }

    private func add(_ node: any Steppable, _ address: String) {
        nodes[address] = node
        if !order.contains(address) { order.append(address) }
    }

    /// It is gone in the middle of whatever it did.
    func kill(_ address: String) {
        nodes[address] = nil
        town.moveOut(address)
    }

    /// Nobody is left but the router a: what comes to the coordinator is the test's to answer, and c wants to join.
    func playCoordinator() {
        kill("b")
        kill(Self.coordinator)
        town.moveIn(Self.coordinator)
        startRouter("c", region: "b")
    }

    /// As by SIGTERM.
    func stop(_ address: String) {
        guard let node = nodes[address], !node.isOver else { return }
        node.turn([.stop], at: town.now)
    }

    func isOver(_ address: String) -> Bool { nodes[address]?.isOver ?? true }
    func router(_ name: String) -> RouterNode? { nodes[name] as? RouterNode }

    /// Time passes in steps of 5 ms, until it is over or `isEnough`.
    @discardableResult
    func run(_ milliseconds: UInt64, until isEnough: () -> Bool = { false }) -> Bool {
        let end = town.now.instant.milliseconds + milliseconds
        while true {
            settle()
            if isEnough() { return true }
            if town.now.instant.milliseconds >= end { return false }
            town.pass(5)
            for address in order { turn(address) }
        }
    }

    /// Time passes until somebody has something to do, at most for as long; everybody turns, and nobody reads the mail
    /// that comes of it.
    func hop(atMost milliseconds: UInt64) {
        let now = town.now.instant
        let next = order.compactMap { nodes[$0]?.nextDeadline }.min().map { $0.since(now).milliseconds }
        town.pass(max(1, min(milliseconds, next ?? milliseconds)))
        for address in order { turn(address) }
    }

    /// Everybody turns until nobody has mail, or they talk without end.
    func settle() {
        for _ in 0..<50 {
            let busy = order.filter { town.hasMail($0) }
            if busy.isEmpty { return }
            for address in busy { turn(address) }
        }
    }

    private func turn(_ address: String) {
        guard let node = nodes[address], !node.isOver else { return }
        node.turn(town.take(address), at: town.now)
        if let code = node.exitCode { Process.exit(code) }
    }

    // MARK: - what outsiders do

    /// Asks and does not wait.
    func send(_ address: String, bytes: [UInt8], as client: String = "client") -> UInt64 {
        town.ask(address, from: client, tag: 0, bytes, patience: .seconds(60))
    }
    func send(_ address: String, _ request: Request, as client: String = "client") -> UInt64 {
        send(address, bytes: Frame.encode(request), as: client)
    }

    func answer(_ token: UInt64) -> Reply? {
        town.answer(token).flatMap { try? Frame.decode(Reply.self, $0) }
    }

    /// Asks and lets time pass until there is an answer, for no longer than `patience` milliseconds.
    func ask(_ address: String, bytes: [UInt8], as client: String = "client", patience: UInt64 = 10_000) -> Reply? {
        let token = send(address, bytes: bytes, as: client)
        run(patience) { answer(token) != nil }
        return answer(token)
    }
    func ask(_ address: String, _ request: Request, as client: String = "client", patience: UInt64 = 10_000) -> Reply? {
        ask(address, bytes: Frame.encode(request), as: client, patience: patience)
    }

    func submit(_ number: UInt64, region: String = "a", to router: String = "a", text: String = "") -> SubmitResult? {
        let ticket = KeyedSubmission(
            key: SubmitKey(high: 7, low: number),
            submission: Submission(customer: "c\(number)", region: region, subject: "ticket \(number)", text: text))
        guard case .submitted(let results)? = ask(router, .submit([ticket])) else { return nil }
        return results.first
    }

    func show(_ ticket: TicketID, at router: String = "a") -> TicketRecord? {
        guard case .answered(.shown(let record), _)? = ask(router, .query(.show(ticket))) else { return nil }
        return record
    }

    var status: ClusterStatus? {
        guard case .answered(.status(let status), _)? = ask(Self.coordinator, .query(.status)) else { return nil }
        return status
    }

    func vitals(_ address: String) -> Vitals? {
        guard case .vitals(let vitals)? = ask(address, .vitals) else { return nil }
        return vitals
    }
}
