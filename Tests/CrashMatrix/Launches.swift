import Foundation

extension Case {
  /// Two jobs for one run directory.
  static let launches: [Case] = []
}
