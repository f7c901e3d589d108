import Foundation
import Support
import Testing

@testable import Datasets

@Suite struct SyntheticScenesTests {
  /// The same bytes on every machine, in every build: change the encoder's name when the embeddings change.
  @Test func contentsNeverChange() throws {
    let contents = try SyntheticScenes(count: 10, seed: 1).contents()
    guard case .float32(let embeddings) = contents.embeddings else {
      Issue.record("not float32")
      return
    }
    let fingerprint = embeddings.withUnsafeBytes { Fingerprint(of: Data($0)) }
    #expect(
      fingerprint.description == "deb94ceb0610b4b5a63b9ddedb5480fcc154081478ed74b8dc03444ccd6457cd")
    #expect(contents.captionTexts[1] == "there are two small orange diamonds over two small green squares")
  }

  @Test func noDescriptionIsInTwoSplits() throws {
    for count in [10, 1000, 45_000] {
      let scenes = try SyntheticScenes(count: count, seed: 1).scenes
      let splits = Dictionary(grouping: scenes, by: \.split).mapValues { Set($0.map(\.description)) }
      #expect(Set(splits.keys) == ["train", "val", "test"])
      #expect(splits.values.reduce(0) { $0 + $1.count } == Set(scenes.map(\.description)).count)
      #expect(Set(scenes.map(\.id)).count == count)
    }
  }

  @Test func aTenthIsForValidationAndATenthForTest() throws {
    let scenes = try SyntheticScenes(count: 1000, seed: 1).scenes
    #expect(scenes.filter { $0.split == "val" }.count == 100)
    #expect(scenes.filter { $0.split == "test" }.count == 100)
  }

  @Test func anotherSeedDrawsOtherScenes() throws {
    let descriptions = try [1, 2].map { try SyntheticScenes(count: 20, seed: $0).scenes.map(\.description) }
    #expect(descriptions[0] != descriptions[1])
  }

  @Test func theStoreOpensAndEveryCaptionIsRight() throws {
    let synthetic = try SyntheticScenes(count: 12, seed: 2)
    try StoreFixture.inDirectory { directory in
      try synthetic.contents().write(to: "\(directory)/scenes.h5")
      let store = try EmbeddingStore(path: "\(directory)/scenes.h5")
      #expect(store.rowCount == 12 && store.width == 512 && store.captionTexts.count == 60)
      let index = try store.index()
      for (text, row) in zip(index.captionTexts, index.captionRows) {
        #expect(SceneDescription(caption: text) == synthetic.scenes[row].description)
      }
    }
  }

  @Test(arguments: [-1, 0, 9, 1_000_001, .max]) func tooFewOrTooManyScenesAreRefused(_ count: Int) {
    let failure = #expect(throws: Failure.self) { try SyntheticScenes(count: count, seed: 1) }
    #expect(failure?.kind == .usage)
  }
}
