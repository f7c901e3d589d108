import Foundation
import Support

extension EmbeddingStore {
  /// What a file that is not HDF5 looks like by its first bytes, told together with the command that makes a
  /// store of it where there is one.
  static func foreignFile(_ path: String, bytes: Data) -> Failure {
    let signatures: [(bytes: [UInt8], name: String)] = [
      ([UInt8]("PK\u{3}\u{4}".utf8), "a zip archive, as NumPy (.npz) and PyTorch write them"),
      ([0x93] + [UInt8]("NUMPY".utf8), "a NumPy array (.npy)"),
      ([0x80, 0x02], "a Python pickle"), ([0x80, 0x03], "a Python pickle"),
      ([0x80, 0x04], "a Python pickle"), ([0x80, 0x05], "a Python pickle"),
    ]
    guard let found = signatures.first(where: { bytes.starts(with: $0.bytes) }) else {
      return .badData(
        "\(path) is not an HDF5 file, nor any other that a store can be made of; name an HDF5 file "
          + "that is written as docs/data-format.md shows.")
    }
    return .badData(
      "\(path) is \(found.name), not an embedding store; make one of it with "
        + "`capstan data import \(path) --encoder NAME --out FILE.h5`.")
  }
}
