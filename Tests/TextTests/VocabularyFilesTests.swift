import Foundation
import Support
import Testing

@testable import Text

func withTemporaryDirectory(_ body: (String) throws -> Void) throws {
  let directory = NSTemporaryDirectory() + "capstan-text-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: directory) }
  try body(directory)
}

@Suite struct VocabularyFilesTests {
  @Test func whatIsSavedIsWhatWasRead() throws {
    try withTemporaryDirectory { directory in
      let copy = directory + "/a/new/directory"
      let tokenizer = try BPETokenizer(directory: Golden.path("small"))
      try tokenizer.save(to: copy)
      try #expect(BPETokenizer(directory: copy).fingerprint == tokenizer.fingerprint)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: copy).sorted() == ["merges.txt", "vocab.json"])
    }
  }

  @Test func formattingDoesNotChangeTheFingerprint() throws {
    let tokenizer = try BPETokenizer(directory: Golden.path("small"))
    try withFiles(
      vocabulary: {
        $0.replacing(#/(\d)([,}])/#) { "\($0.1) \r\n\($0.2)\t" }.replacing("Ġ", with: "\\u0120")
      },
      merges: { $0.replacing("#version: 0.2\n", with: "").replacing("\n", with: "\r\n") + "\n" }
    ) {
      try #expect(BPETokenizer(directory: $0).fingerprint == tokenizer.fingerprint)
    }
  }

  @Test func aMergeMayBeginWithTheSignOfTheHeader() throws {
    try withFiles(vocabulary: { $0.dropLast() + ",\"##\":600}" }, merges: { $0 + "# #\n" }) {
      try #expect(BPETokenizer(directory: $0).encode("##") == [600])
    }
  }

  @Test func aTokenThatNoMergeMakesIsNotUsed() throws {
    try withFiles(vocabulary: { $0.dropLast() + ",\"##\":600}" }) {
      let tokenizer = try BPETokenizer(directory: $0)
      #expect(tokenizer.encode("##").count == 2)
      #expect(tokenizer.decode([600]) == "##")
    }
  }

  @Test func fingerprintsOfOtherMergesDiffer() throws {
    let tokenizer = try BPETokenizer(directory: Golden.path("small"))
    try withFiles(merges: { $0.split(separator: "\n").dropLast().joined(separator: "\n") }) {
      try #expect(BPETokenizer(directory: $0).fingerprint != tokenizer.fingerprint)
    }
  }

  @Test func refusesFilesThatAreNotAVocabulary() throws {
    try expectRefusal(vocabulary: { _ in nil }, saying: "vocab.json cannot be read")
    try expectRefusal(merges: { _ in nil }, saying: "merges.txt cannot be read")
    try expectRefusal(vocabulary: { _ in "" }, saying: "is not a vocabulary")
    try expectRefusal(vocabulary: { _ in "{}" }, saying: "is not a merge")
    try expectRefusal(vocabulary: { _ in "[1, 2]" }, saying: "is not a vocabulary")
    try expectRefusal(vocabulary: { String($0.dropLast(20)) }, saying: "is not a vocabulary")
    try expectRefusal(vocabulary: { $0.replacing(":599}", with: ":599.5}") }, saying: "is not a vocabulary")
    try expectRefusal(
      vocabulary: { $0.replacing(":599}", with: ":600}") }, saying: "from 0 to 599, each once")
    try expectRefusal(
      vocabulary: { $0.replacing(":599}", with: ":598}") }, saying: "from 0 to 599, each once")
    try expectRefusal(vocabulary: { $0.replacing(":599}", with: ":-1}") }, saying: "the id -1")
    try expectRefusal(
      vocabulary: { $0.replacing(":599}", with: ":9223372036854775808}") }, saying: "is not a vocabulary")
  }

  @Test func refusesAVocabularyWithoutWhatEveryTextNeeds() throws {
    try expectRefusal(
      vocabulary: { $0.replacing("<|endoftext|>", with: "<|end|>") }, saying: "no token \"<|endoftext|>\"")
    try expectRefusal(vocabulary: { $0.replacing("\"ÿ\"", with: "\"ÿÿ\"") }, saying: "no token \"ÿ\"")
  }

  @Test(arguments: ["Ġdog", "Ġd o g", "Ġd  og", " ", "Ġd zz", "Ġdog Ġdog", "\u{0}"])
  func refusesALineThatIsNotAMerge(line: String) throws {
    try expectRefusal(merges: { $0 + line + "\n" }, saying: "merges.txt, line 345")
  }

  @Test(arguments: ["vocab.json", "merges.txt"]) func refusesBytesThatAreNotText(file: String) throws {
    try withFiles { directory in
      try Data([0x7B, 0x22, 0xFF, 0x0A]).write(to: URL(fileURLWithPath: "\(directory)/\(file)"))
      #expect {
        try BPETokenizer(directory: directory)
      } throws: {
        ($0 as? Failure)?.kind == .badData
      }
    }
  }

  /// What becomes of a file's text; nil leaves the file out.
  private typealias Change = (String) -> String?

  private func expectRefusal(
    vocabulary: @escaping Change = { $0 }, merges: @escaping Change = { $0 }, saying words: String
  ) throws {
    try withFiles(vocabulary: vocabulary, merges: merges) { directory in
      #expect {
        try BPETokenizer(directory: directory)
      } throws: {
        guard let failure = $0 as? Failure else { return false }
        return failure.kind == .badData && failure.description.contains(words)
      }
    }
  }

  /// Runs `body` on a directory with the small vocabulary's files, changed.
  private func withFiles(
    vocabulary: @escaping Change = { $0 }, merges: @escaping Change = { $0 }, _ body: (String) throws -> Void
  ) throws {
    try withTemporaryDirectory { directory in
      for (name, change) in [("vocab.json", vocabulary), ("merges.txt", merges)] {
        try change(Golden.text("small/" + name))?
          .write(toFile: "\(directory)/\(name)", atomically: false, encoding: .utf8)
      }
      try body(directory)
    }
  }
}
