import FileFormats
import Foundation
import Testing

@testable import Datasets

@Suite struct EncoderNameTests {
  @Test(arguments: [
    (
      "ViT-B/32",
      ["ViT-B-32", "ViT-B_32", "vit_b_32", "VIT-B/32", "openai/clip-vit-base-patch32", "clip-ViT-B-32"]
    ),
    ("ViT-B/32", ["ViT-B-32-quickgelu", "ViT-B-32 (openai)", "CLIP ViT-B/32", "ViTB32"]),
    ("ViT-B/16", ["ViT-B-16", "vit_b_16", "openai/clip-vit-base-patch16"]),
    ("ViT-L/14", ["ViT-L-14", "ViT-L_14", "openai/clip-vit-large-patch14"]),
    (
      "ViT-L/14@336px",
      ["ViT-L-14-336", "ViT-L/14@336", "vit_l_14_336px", "openai/clip-vit-large-patch14-336"]
    ),
    ("RN50x4", ["rn50x4", "RN50X4", "RN50x4-quickgelu", "clip/RN50x4"]), ("RN101", ["rn101"]),
    ("RN50", ["rn50"]), ("RN50x16", ["rn50x16"]), ("RN50x64", ["RN50x64"]),
  ])
  func spellingsOfOneEncoder(name: String, spellings: [String]) {
    for spelling in [name] + spellings { #expect(EncoderName.canonical(spelling) == name, "\(spelling)") }
    #expect(EncoderWidths.width(of: spellings[0]) == EncoderWidths.width(of: name))
    #expect(EncoderWidths.width(of: name) != nil)
  }

  @Test(arguments: [
    "my own", "EfficientNet-Lite0", "laion/CLIP-ViT-B-32-laion2B-s34B-b79K",
    "google/vit-base-patch32-224-in21k",
    "vit-base-patch32", "ViT-H-14", "ViT-B-32-laion400m", "resnet50", "openai", "",
  ])
  func otherEncodersStayAsTheyAre(name: String) { #expect(EncoderName.canonical(name) == name) }

  @Test func storesOfAnySpellingBelongTogether() throws {
    var contents = StoreFixture.contents
    try StoreFixture.inDirectory { directory in
      let spellings = ["ViT-B-32", "ViT-B/32"]
      for (number, spelling) in spellings.enumerated() {
        // As other programs write it.
        contents.encoder = spelling
        contents.imageIDs = ["\(number) a", "\(number) b"]
        try contents.write(to: "\(directory)/\(number).h5")
      }
      let stores = try EmbeddingStore.open(["\(directory)/*.h5"])
      #expect(stores.map(\.encoder) == ["ViT-B/32", "ViT-B/32"])
      try StoreSelection.merging(stores).selection.write(to: "\(directory)/merged.h5")
      let file = try HDF5File(path: "\(directory)/merged.h5")
      #expect(try file.string(attribute: "encoder") == "ViT-B/32")

      var request = ImportRequest(input: "\(directory)/0.h5")
      request.encoder = "openai/clip-vit-base-patch32"
      #expect(try request.contents().contents.encoder == "ViT-B/32")
      request.encoder = "ViT-B/16"
      ImportFixture.expectFailure(.usage, "says that ViT-B/32 made it, not ViT-B/16") {
        _ = try request.contents()
      }
    }
  }
}
