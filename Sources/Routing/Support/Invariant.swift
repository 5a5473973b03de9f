/// Ends the process when what must hold does not. Kept in release builds, unlike `assert`; speaks, unlike
/// `precondition`.
@inline(__always)
package func invariant(
    _ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String, file: StaticString = #fileID,
    line: UInt = #line
) {
    if !condition() { fatalError("invariant broken: \(message())", file: file, line: line) }
}
