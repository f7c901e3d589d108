import Tensors
import Testing

@testable import Datasets

@Suite struct SyntheticPictureTests {
  @Test func aPaintedCircleHasItsAreaAndSmoothEdges() {
    var picture = Picture(width: 64, height: 64, color: .zero)
    picture.paint([200, 200, 200], center: [30.3, 25.7], radius: 9) { $0.x * $0.x + $0.y * $0.y <= 1 }
    let covered = picture.pixels.reduce(0) { $0 + Double($1) } / 600
    #expect(abs(covered - .pi * 81) < 2)
    #expect(picture.pixels.contains { $0 > 0 && $0 < 200 })
    #expect(picture[30, 25] == [200, 200, 200] && picture[50, 25] == .zero)
  }

  @Test func aBlankPictureHasNoStatistics() {
    let statistics = PictureStatistics.of(Picture(width: 64, height: 64, color: [235, 235, 235]))
    #expect(statistics == [Float](repeating: 0, count: 20 * 14))
  }

  /// A red square in the second cell of the first row: seen there, in the upper and in the left half.
  @Test func statisticsTellHueDirectionAndPlace() {
    var picture = Picture(width: 64, height: 64, color: [235, 235, 235])
    picture.paint([255, 0, 0], center: [24, 8], radius: 4) { max(abs($0.x), abs($0.y)) <= 1 }
    let statistics = PictureStatistics.of(picture)
    let regions = stride(from: 0, to: statistics.count, by: 14).map { Array(statistics[$0..<$0 + 14]) }
    let seen = regions.indices.filter { regions[$0].contains { $0 > 0 } }
    #expect(seen == [1, 16, 18])
    // 64 pixels of full chroma, a quarter of each: 16, whose root is 4; and nothing but red.
    #expect(regions[1][..<6] == [4, 0, 0, 0, 0, 0])
    let edges = regions[1][6...].map { $0 > 0 }
    // Away from the red, in the channels that it lacks: right, down, left and up, and at the corners between.
    #expect(edges == [Bool](repeating: true, count: 8))
    #expect(regions[1][6] > 2 * regions[1][7])
  }

  @Test func sameDescriptionOtherPicture() {
    var random = Philox(seed: 5, stream: "test")
    let scene = random.element(of: SceneDescription.all)
    let pictures = (0..<2).map { _ in scene.picture(using: &random) }
    #expect(pictures[0] != pictures[1])
  }
}
