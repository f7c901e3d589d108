import Foundation
import Support

/// What a file is by its first bytes, where it is something else than it was taken for.
public enum FileSignature: CaseIterable, Sendable {
  case hdf5, numpyArray, numpyArchive, webPage, gitLFSPointer, gguf, gzip, parquet, picture, text

  /// Nil for what has no signature here.
  public init?(path: String) throws {
    if HDF5File.isHDF5(path) {
      self = .hdf5
      return
    }
    let head = try Data(mapping: path).prefix(1024)
    if NumpyArchive.recognizes(head), Self.firstEntry(of: head).hasSuffix(".npy") {
      self = .numpyArchive
      return
    }
    let found = Self.allCases.first { kind in kind.beginnings.contains { head.starts(with: $0) } }
    guard let kind = found ?? (Self.isText(head) ? .text : nil) else { return nil }
    self = kind
  }

  /// As a sentence has it.
  public var inWords: String {
    switch self {
    case .hdf5: "an HDF5 file"
    case .numpyArray: "a NumPy array (.npy)"
    case .numpyArchive: "an archive of NumPy arrays (.npz)"
    case .webPage: "a web page, as a failed download leaves it"
    case .gitLFSPointer: "a pointer of Git LFS, not the file itself"
    case .gguf: "a model in llama.cpp's format GGUF"
    case .gzip: "a gzip archive"
    case .parquet: "a parquet table"
    case .picture: "a picture"
    case .text: "text"
    }
  }

  private var beginnings: [[UInt8]] {
    switch self {
    case .hdf5, .numpyArchive, .text: []
    case .numpyArray: [NumpyHeader.magic]
    case .webPage: ["<!DOCTYPE", "<!doctype", "<html", "<HTML"].map { Array($0.utf8) }
    case .gitLFSPointer: [Array("version https://git-lfs".utf8)]
    case .gguf: [Array("GGUF".utf8)]
    case .gzip: [[0x1F, 0x8B]]
    case .parquet: [Array("PAR1".utf8)]
    case .picture: [[0x89] + Array("PNG".utf8), [0xFF, 0xD8, 0xFF]]
    }
  }

  /// The name of a zip archive's first entry.
  private static func firstEntry(of head: Data) -> String {
    guard head.count > 30 else { return "" }
    return String(decoding: head.dropFirst(30).prefix(Int(head[26]) | Int(head[27]) << 8), as: UTF8.self)
  }

  /// Whether there are no control characters but white space, nor invalid UTF-8, up to a character that is cut in two.
  private static func isText(_ head: Data) -> Bool {
    let text = head.dropLast(head.count < 1024 ? 0 : 3)
    guard !head.isEmpty, text.allSatisfy({ $0 >= 0x20 || [9, 10, 13].contains($0) }) else { return false }
    return (0...3).contains { String(validating: text.dropLast($0), as: UTF8.self) != nil }
  }
}
