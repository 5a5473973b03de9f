/// A router that load is brought to, as the command line names it: HOST:PORT, or REGION=HOST:PORT.
struct LoadDoor {
    let address: String
    /// Of the tickets that come in there; empty if none is named.
    let region: String

    init(_ text: Substring) throws {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        region = parts.count == 2 ? parts[0] : ""
        address = parts.last ?? ""
        guard Arguments.isAddress(address), parts.count == 1 || !region.isEmpty else {
            throw UsageError("--at: expected HOST:PORT or REGION=HOST:PORT, found \"\(text)\"")
        }
    }
}
