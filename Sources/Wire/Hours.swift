package import Routing

// Hours, as a part of a policy. Edges are told by the seconds between them: four to five bytes an interval, so a
// calendar of two intervals a day over six years takes about 20 KB.

extension CalendarID: WireValue {
    package func encode(into encoder: inout Encoder) { encoder.number(value) }
    package init(from decoder: inout Decoder) throws(WireError) { self.init(try decoder.number32()) }
}

extension Hours.Holiday: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.value(from)
        encoder.value(until)
        encoder.text(name)
    }
    package init(from decoder: inout Decoder) throws(WireError) {
        self.init(from: try decoder.value(), until: try decoder.value(), name: try decoder.text())
    }
}

extension Hours: WireValue {
    package func encode(into encoder: inout Encoder) {
        encoder.flag(isAlways)
        if isAlways { return }
        encoder.text(name)
        encoder.text(zone)
        encoder.value(from)
        encoder.value(until)
        encoder.list(holidays)
        let edges = edges
        encoder.number(UInt64(edges.count))
        var last = from
        for edge in edges {
            encoder.number(edge.since(last).milliseconds / 1000)
            last = edge
        }
    }

    /// The end of the horizon bounds the sum of the steps, so none of them can be too large unnoticed.
    package init(from decoder: inout Decoder) throws(WireError) {
        if try decoder.flag() {
            self = .always
            return
        }
        let name = try decoder.text()
        let zone = try decoder.text()
        let from: WallTime = try decoder.value()
        let until: WallTime = try decoder.value()
        let holidays: [Hours.Holiday] = try decoder.list(countMax: Limits.calendarDatesMax)
        let count = try decoder.count()
        var edges: [WallTime] = []
        edges.reserveCapacity(min(Int(count), 8192))
        var last = from
        for _ in 0..<count {
            let step = try decoder.number32()
            last = last + .seconds(UInt64(step))
            edges.append(last)
        }
        guard
            let hours = Hours(name: name, zone: zone, from: from, until: until, edges: edges, holidays: holidays)
        else { throw .tooLarge }
        self = hours
    }
}
