import Tensors
import Testing

@testable import Datasets

@Suite struct SyntheticGrammarTests {
  private let circles = SceneDescription.Group(count: 2, size: .small, color: .red, shape: .circle)
  private let square = SceneDescription.Group(count: 1, size: .large, color: .blue, shape: .square)

  @Test func everyDescriptionOccursOnce() {
    #expect(SceneDescription.all.count == 2 * 144 * 143)
    #expect(Set(SceneDescription.all).count == SceneDescription.all.count)
  }

  @Test func captionsReadBackAsTheirScene() {
    var random = Philox(seed: 3, stream: "test")
    for _ in 0..<200 {
      let scene = random.element(of: SceneDescription.all)
      let captions = scene.captions(using: &random)
      #expect(Set(captions).count == 5)
      for caption in captions { #expect(SceneDescription(caption: caption) == scene, "\(caption)") }
    }
  }

  @Test(arguments: [
    "two small red circles above a large blue square",
    "there are two small red circles over a big blue square",
    "a large blue square below two small red circles",
    "there is a big blue square under two small red circles",
    "two small red circles with a large blue square below them",
    "a large blue square with two small red circles above it",
    "above a large blue square there are two small red circles",
    "under two small red circles there is a big blue square",
  ])
  func manyCaptionsSayTheSame(_ caption: String) {
    #expect(SceneDescription(caption: caption) == SceneDescription(circles, .above, square))
  }

  @Test(arguments: [
    "a large blue square above two small red circles",
    "two small red circles left of a large blue square",
    "two small red circles above a small blue square",
    "three small red circles above a large blue square",
    "two small red circles above a large blue diamond",
    "two small red circles above a large green square",
  ])
  func otherScenesAreOther(_ caption: String) throws {
    let read = try #require(SceneDescription(caption: caption))
    #expect(read != SceneDescription(circles, .above, square))
  }

  @Test(arguments: [
    "", "there", "two", "two small red circles", "two small red circles above", "above",
    "two small red circle above a large blue square",
    "a small red circles above a large blue square",
    "there is two small red circles above a large blue square",
    "two small red circles above a large blue square .",
    "two small red circles above a large blue square below",
    "two small red circles with a large blue square below it",
    "there are two small red circles with a large blue square below them",
    "above a large blue square there is two small red circles",
    "two red small circles above a large blue square",
    "two small red circles to the above a large blue square",
    "two small red circles above and a large blue square",
    "four small red circles above a large blue square",
    "two small red squareish above a large blue square",
  ])
  func whatIsNoSentenceIsNotRead(_ caption: String) {
    #expect(SceneDescription(caption: caption) == nil)
  }
}
