import COpenSSL
import Foundation

/// SHA-256 of content, as 64 lower-case hexadecimal digits: how files, tokenizers and models are told apart.
public struct Fingerprint: Hashable, Sendable, Codable, CustomStringConvertible {
  public let description: String

  public init(hexadecimal: String) { description = hexadecimal }

  public init(of bytes: some DataProtocol) {
    var hash = FingerprintHash()
    hash.update(bytes)
    self = hash.finalize()
  }

  /// The fingerprint of a file, read in pieces of a mebibyte.
  public init(ofFile path: String) throws {
    let file = try Self.open(path)
    defer { try? file.close() }
    var hash = FingerprintHash()
    while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty { hash.update(piece) }
    self = hash.finalize()
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
    self = hash.finalize()
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
}

/// The fingerprint of content that comes in pieces.
public struct FingerprintHash: ~Copyable {
  /// OpenSSL's state of the digest (`EVP_DigestInit(3)`): its code for this processor's instructions.
  private let context = EVP_MD_CTX_new()

  public init() { EVP_DigestInit_ex(context, EVP_sha256(), nil) }

  deinit { EVP_MD_CTX_free(context) }

  public mutating func update(_ bytes: some DataProtocol) {
    for region in bytes.regions {
      region.withUnsafeBytes { _ = EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
    }
  }

  /// Of all the pieces.
  public consuming func finalize() -> Fingerprint {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    EVP_DigestFinal_ex(context, &digest, &count)
    return Fingerprint(hexadecimal: digest.prefix(Int(count)).map { String(format: "%02x", $0) }.joined())
  }
}
