import Support
import Testing

@testable import Datasets

@Suite struct EmbeddingStoreListTests {
  @Test func opensFilesAndPatternsInOrder() throws {
    try StoreFixture.inDirectory { directory in
      for name in ["b", "a", "[c]"] {
        var contents = StoreFixture.contents
        contents.imageIDs = ["\(name)1", "\(name)2"]
        try contents.write(to: "\(directory)/\(name).h5")
      }
      let stores = try EmbeddingStore.open(["\(directory)/[c].h5", "\(directory)/?.h5"])
      #expect(try stores.map { try $0.imageIDs.string(at: 0) } == ["[c]1", "a1", "b1"])
    }
  }

  @Test func refusesAPatternWithoutFiles() {
    StoreFixture.expectBadData("/nowhere/*.h5") { _ = try EmbeddingStore.open(["/nowhere/*.h5"]) }
  }

  @Test func refusesStoresThatDisagree() throws {
    let changes: [(String, (inout StoreContents) -> Void)] = [
      ("encoder ViT-B/32", { $0.encoder = "RN50x4" }),
      ("normalized false", { $0.normalized = true }),
      ("width 3", { ($0.width, $0.embeddings) = (4, .float32(Array(repeating: 1, count: 8))) }),
      ("positions none", { ($0.positions, $0.embeddings) = (2, .float32(Array(repeating: 1, count: 12))) }),
    ]
    for (words, change) in changes {
      var other = StoreFixture.contents
      other.imageIDs = ["x", "y"]
      change(&other)
      try StoreFixture.inDirectory { directory in
        try StoreFixture.contents.write(to: "\(directory)/1.h5")
        try other.write(to: "\(directory)/2.h5")
        StoreFixture.expectBadData(words, "1.h5", "2.h5") {
          _ = try EmbeddingStore.open(["\(directory)/*.h5"])
        }
      }
    }
  }

  @Test func refusesAnImageInTwoFiles() throws {
    try StoreFixture.inDirectory { directory in
      try StoreFixture.contents.write(to: "\(directory)/1.h5")
      var other = StoreFixture.contents
      other.imageIDs = ["x", "a.jpg"]
      try other.write(to: "\(directory)/2.h5")
      StoreFixture.expectBadData("a.jpg", "1.h5", "2.h5") {
        _ = try EmbeddingStore.open(["\(directory)/*.h5"])
      }
    }
  }
}
