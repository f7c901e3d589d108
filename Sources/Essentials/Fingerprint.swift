import Crypto
import Foundation

/// SHA-256 of content, as 64 lower-case hexadecimal digits: how files, tokenizers and models are told apart.
public struct Fingerprint: Hashable, Sendable, Codable, CustomStringConvertible {
  public let description: String

  public init(hexadecimal: String) { description = hexadecimal }

  public init(of bytes: some DataProtocol) {
    description = Self.hexadecimal(SHA256.hash(data: bytes))
  }

  /// The fingerprint of a file, read in pieces of a mebibyte.
  public init(ofFile path: String) throws {
    let file = try Self.open(path)
    defer { try? file.close() }
    var hash = FingerprintHash()
    while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty { hash.update(piece) }
    self = hash.fingerprint
  }

  /// A fingerprint of a file's size and of some of its pages, from the first to the last, which tells most files apart
  /// without reading them.
  public init(samplingFile path: String) throws {
    let file = try Self.open(path)
    defer { try? file.close() }
    let (samples, page) = (UInt64(8), 4096)
    let size = try file.seekToEnd()
    var hash = FingerprintHash()
    hash.update(Data("\(size)".utf8))
    for sample in 0..<samples {
      try file.seek(toOffset: (size - min(size, UInt64(page))) * sample / (samples - 1))
      hash.update(try file.read(upToCount: page) ?? Data())
    }
    self = hash.fingerprint
  }

  private static func open(_ path: String) throws -> FileHandle {
    guard let file = FileHandle(forReadingAtPath: path) else {
      throw Failure.badData("\(path) cannot be opened for reading; check that it exists and its permissions.")
    }
    return file
  }

  public init(from decoder: any Decoder) throws {
    description = try decoder.singleValueContainer().decode(String.self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  fileprivate static func hexadecimal(_ digest: SHA256.Digest) -> String {
    let digits = Array("0123456789abcdef")
    return String(digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}

/// The fingerprint of content that comes in pieces.
public struct FingerprintHash: Sendable {
  private var hash = SHA256()

  public init() {}

  public mutating func update(_ bytes: some DataProtocol) { hash.update(data: bytes) }

  /// Of all the pieces so far.
  public var fingerprint: Fingerprint { Fingerprint(hexadecimal: Fingerprint.hexadecimal(hash.finalize())) }
}
