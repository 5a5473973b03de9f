// swift-tools-version: 6.2
import PackageDescription

/// Every target is built with the same rules; see README.md, "How the code is kept".
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
    .strictMemorySafety(),
]

func library(_ name: String, _ dependencies: [Target.Dependency] = [], and more: [SwiftSetting] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict + more)
}

/// A simulated world, and each node, is one class that one thread steps. The checks at run time that none of its
/// properties is changed while it is used take a tenth of a world's time, so only debug builds, and with them the tests,
/// make them.
let unchecked: [SwiftSetting] = [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]

/// Programs have Swift's libraries in them: counting a reference is then a call without a detour, and a world takes a
/// fifth less time.
let whole: [LinkerSetting] = [.unsafeFlags(["-static-stdlib"], .when(configuration: .release))]
/// For modules that import Foundation: so that they name the libraries that it is made of.
let named: [SwiftSetting] = [.unsafeFlags(["-static-stdlib"], .when(configuration: .release))]

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict + named, linkerSettings: whole)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

let package = Package(
    name: "switchyard",
    products: [
        .executable(name: "switchyard", targets: ["switchyard"]),
        .library(name: "AgentClient", targets: ["AgentClient"]),
    ],
    targets: [
        .systemLibrary(name: "CNNG", providers: [.apt(["libnng-dev"])]),
        library("Routing"),
        library("Wire", ["Routing"]),
        library("Journal"),
        library("NNG", ["CNNG"]),
        library("Node", ["Routing", "Wire", "Journal", "NNG"], and: unchecked + named),
        library("AgentClient", ["Routing", "Wire", "NNG"]),
        library("Simulation", ["Routing", "Wire", "Journal", "Node", "AgentClient"], and: unchecked),
        program("switchyard", ["Routing", "Wire", "Journal", "NNG", "Node", "AgentClient", "Simulation"]),
        .executableTarget(
            name: "benchmark", dependencies: ["Routing", "Wire", "Journal", "Node"], path: "Benchmarks", exclude: ["baseline.json"],
            swiftSettings: strict + named, linkerSettings: whole),
        tests("RoutingTests", ["Routing", "Wire", "Simulation"]),
        tests("WireTests", ["Routing", "Wire"]),
        tests("JournalTests", ["Journal", "Node", "Routing", "Wire"]),
        tests("NNGTests", ["NNG"]),
        tests(
            "NodeTests", ["Routing", "Wire", "Journal", "NNG", "Node", "AgentClient", "Simulation", "switchyard"],
            exclude: ["Scenarios", "Ledgers"]),
        tests("ProcessTests", ["Routing", "Wire", "Journal", "NNG", "Node", "AgentClient", "Simulation"]),
        tests("ProgramTests", ["switchyard", "Simulation", "Node", "Routing", "Wire"]),
        tests("SimulationTests", ["Simulation", "Routing", "Wire", "Journal", "Node", "AgentClient"]),
        tests("TidyTests", []),
    ],
    swiftLanguageModes: [.v6]
)
