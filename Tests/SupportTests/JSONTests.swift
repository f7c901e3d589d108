import Foundation
import Support
import Testing

@Suite struct JSONTests {
  private struct Inner: Codable, Equatable {
    var imageID = 3
  }

  private struct Record: Codable, Equatable {
    var nonFiniteInARow = 1
    var sha256 = "a/b"
    var lossZ: Double? = 0.5
    /// Keys of dictionaries are data.
    var scores = ["CIDEr": 1.0, "Bleu_1": 2]
  }

  @Test func writesSortedSnakeCase() throws {
    #expect(
      String(decoding: try JSON.encoder().encode(Record()), as: UTF8.self)
        == #"{"loss_z":0.5,"non_finite_in_a_row":1,"scores":{"Bleu_1":2,"CIDEr":1},"sha256":"a/b"}"#)
    #expect(String(decoding: try JSON.encoder().encode(Inner()), as: UTF8.self) == #"{"image_id":3}"#)
  }

  @Test(arguments: [
    #"{"loss_z":0.5,"non_finite_in_a_row":1,"scores":{"Bleu_1":2,"CIDEr":1},"sha256":"a/b"}"#,
    #"{"lossZ":0.5,"nonFiniteInARow":1,"scores":{"Bleu_1":2,"CIDEr":1},"sha256":"a/b"}"#,
    #"{"lossZ":0.5,"nonfinite":1,"scores":{"Bleu_1":2,"CIDEr":1},"sha256":"a/b"}"#,
  ]) func readsEitherSpelling(text: String) throws {
    let decoder = JSON.decoder(renaming: ["nonfinite": "nonFiniteInARow"])
    #expect(try decoder.decode(Record.self, from: Data(text.utf8)) == Record())
  }
}
