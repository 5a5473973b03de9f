/// What this program is called among its own kind: shown by `status`, so that an operator sees who is not upgraded yet.
package enum Version {
    package static let program = "0.9"
}
