import Foundation
import Testing

@testable import Datasets

@Suite struct EmbeddingSpecTests {
  /// As a checkpoint of a run on a store that names its encoder so has it.
  @Test func spellingsOfOneEncoderFit() throws {
    let json = #"{"encoder": "ViT-B-32", "width": 512, "normalized": false}"#
    let saved = try JSONDecoder().decode(EmbeddingSpec.self, from: Data(json.utf8))
    #expect(saved == EmbeddingSpec(encoder: "openai/clip-vit-base-patch32", width: 512, normalized: false))
    #expect(saved.description == "ViT-B/32, width 512, not normalized")
    let again = try JSONDecoder().decode(EmbeddingSpec.self, from: JSONEncoder().encode(saved))
    #expect(again == saved)
    #expect(saved.fits(EmbeddingSpec(encoder: "ViT-B_32", width: 512, normalized: true), normalizing: true))
    #expect(!saved.fits(EmbeddingSpec(encoder: "ViT-B/16", width: 512, normalized: false), normalizing: true))
  }
}
