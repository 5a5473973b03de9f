import Testing

@testable import Routing

/// Somebody who has been asked: what most stories begin with.
struct Asked {
    let client: Int
    /// His ticket's place among the submissions.
    let place: Int
    let offer: OfferID
}

extension Bench {
    /// The first offer on that client's screen.
    func offer(to client: Int) throws -> OfferID {
        try #require(clients[client].view?.offers.first).id
    }

    /// Attaches somebody, submits a ticket by the router `door`, and waits until he is asked.
    mutating func ask(_ name: String, at home: Int, _ submission: Submission, by door: Int) throws -> Asked {
        let client = attach(name, at: home)
        run(for: 200)
        let place = submit(submission, at: door)
        run(for: 200)
        return Asked(client: client, place: place, offer: try offer(to: client))
    }
}
