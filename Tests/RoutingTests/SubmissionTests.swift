import Testing

@testable import Routing

@Suite("submissions") struct SubmissionTests {
    private static let word = String(repeating: "x", count: Limits.wordBytesMax)

    /// Everything at its bound.
    private static let largest = Submission(
        customer: word, channel: word, segment: word, language: word, region: word, product: word,
        labels: [String](repeating: word, count: Limits.labelsMax),
        subject: String(repeating: "🚚", count: Limits.subjectCharactersMax),
        text: String(repeating: "x", count: Limits.textBytesMax),
        attachments: [String](
            repeating: String(repeating: "x", count: Limits.attachmentBytesMax), count: Limits.attachmentsMax))

    @Test("a submission with every field at its bound is taken")
    func atTheBound() { #expect(Self.largest.fieldAtFault == nil) }

    @Test("one more than a bound names the field")
    func beyond() {
        let ways: [(field: String, spoil: (inout Submission) -> Void)] = [
            ("customer", { $0.customer += "x" }), ("channel", { $0.channel += "x" }),
            ("segment", { $0.segment += "x" }), ("language", { $0.language += "x" }),
            ("region", { $0.region += "x" }), ("product", { $0.product += "x" }),
            ("labels", { $0.labels.append("x") }), ("labels[3]", { $0.labels[3] += "x" }),
            ("subject", { $0.subject += "x" }), ("text", { $0.text += "x" }),
            ("attachments", { $0.attachments.append("x") }), ("attachments[7]", { $0.attachments[7] += "x" }),
        ]
        for way in ways {
            var submission = Self.largest
            way.spoil(&submission)
            #expect(submission.fieldAtFault == way.field)
        }
    }

    @Test("a subject of few characters and very many bytes is refused too")
    func subjectBytes() {
        let zalgo = "a" + String(repeating: "\u{0301}", count: Limits.subjectBytesMax / 2)
        #expect(zalgo.count == 1)
        #expect(Submission(subject: zalgo).fieldAtFault == "subject")
    }

    @Test("the digest tells every field, every order and every border apart")
    func digest() {
        let different = [
            Submission(), Submission(customer: "ab"), Submission(channel: "ab"), Submission(segment: "ab"),
            Submission(language: "ab"), Submission(region: "ab"), Submission(product: "ab"),
            Submission(subject: "ab"), Submission(text: "ab"), Submission(labels: ["ab"]),
            Submission(labels: ["a", "b"]), Submission(labels: ["b", "a"]), Submission(attachments: ["ab"]),
            Submission(labels: ["ab"], attachments: ["ab"]), Submission(customer: "a", channel: "b"),
        ]
        #expect(Set(different.map(\.digest)).count == different.count)
    }

    @Test("the digest is the same on every machine and in every version")
    func digestIsFixed() {
        let submission = Submission(customer: "ACME", labels: ["brakes"], text: "since Tuesday – ü")
        // Computed by another program from the definition.
        #expect(submission.digest == 17_352_160_126_089_628_929)
    }
}
