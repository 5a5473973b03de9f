import Testing

@testable import Routing

@Suite("one offer, in every order") struct OfferInterleavingTests {
    typealias Happening = OneOffer.Happening

    struct Scene: Sendable, CustomStringConvertible {
        let description: String
        let atOnce: UInt8
        let isElsewhere: Bool
        let happenings: [Happening]
        /// All orders there are; equal ones count once.
        let orders: Int
    }

    static let scenes =
        [
            Scene(
                description: "cancelled", atOnce: 1, isElsewhere: false,
                happenings: [.accept, .expire, .withdraw, .detach, .cancel, .coordinator], orders: 720),
            Scene(
                description: "two are asked, and it is cancelled", atOnce: 2, isElsewhere: true,
                happenings: [.accept, .otherAccepts, .expire, .cancel, .coordinator, .peers], orders: 720),
        ] + around + reloads

    /// Everything at once, with each kind of reload.
    static let reloads = [Happening.reload, .reloadWithoutGroup, .reloadWithoutAgent].flatMap { reload in
        [false, true].map { isElsewhere in
            Scene(
                description: "\(reload), \(isElsewhere ? "at home elsewhere" : "at home with the owner")", atOnce: 1,
                isElsewhere: isElsewhere,
                happenings: [.accept, .expire, .withdraw, .detach, .cancel, reload], orders: 720)
        } + [
            Scene(
                description: "\(reload), and it is cancelled", atOnce: 1, isElsewhere: false,
                happenings: [.accept, .detach, .cancel, reload, .coordinator, .coordinator], orders: 360),
            Scene(
                description: "\(reload), and nobody cancels", atOnce: 1, isElsewhere: false,
                happenings: [.accept, .expire, .withdraw, reload, .coordinator, .coordinator], orders: 360),
        ]
    }

    static let around = [
        Scene(
            description: "at home with the owner", atOnce: 1, isElsewhere: false,
            happenings: [.accept, .expire, .withdraw, .detach, .forget, .coordinator, .coordinator], orders: 2520),
        Scene(
            description: "at home elsewhere", atOnce: 1, isElsewhere: true,
            happenings: [.accept, .expire, .detach, .forget, .coordinator, .peers, .peers], orders: 2520),
        Scene(
            description: "two are asked", atOnce: 2, isElsewhere: false,
            happenings: [.accept, .otherAccepts, .expire, .detach, .forget, .coordinator, .coordinator],
            orders: 2520),
        Scene(
            description: "two are asked elsewhere", atOnce: 2, isElsewhere: true,
            happenings: [.accept, .otherAccepts, .withdraw, .forget, .coordinator, .peers], orders: 720),
    ]

    @Test("at most one holds the ticket, nothing is held for nothing, and it is never lost", arguments: scenes)
    func everyOrder(_ scene: Scene) {
        let start = OneOffer(atOnce: scene.atOnce, isElsewhere: scene.isElsewhere)
        #expect(start.isShown(to: Int(scene.atOnce)))
        #expect(start.wrong == [])
        var count = 0
        var wrong: [String] = []
        play(start, scene.happenings.sorted(), [], &count, &wrong)
        #expect(wrong == [])
        #expect(count == scene.orders)
    }

    /// Every order of what is left, each beginning played once.
    private func play(
        _ world: OneOffer, _ left: [Happening], _ past: [Happening], _ count: inout Int, _ wrong: inout [String]
    ) {
        guard wrong.count < 5 else { return }
        if left.isEmpty {
            count += 1
            var ended = world
            ended.end()
            if !ended.wrong.isEmpty { wrong.append("\(past): \(ended.wrong)") }
            return
        }
        for (place, next) in left.enumerated() where place == 0 || left[place - 1] != next {
            var world = world
            world.happen(next)
            if !world.wrong.isEmpty {
                wrong.append("\(past + [next]): \(world.wrong)")
                continue
            }
            var rest = left
            rest.remove(at: place)
            play(world, rest, past + [next], &count, &wrong)
        }
    }
}
