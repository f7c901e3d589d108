import Tensors

/// Turns a picture into an embedding: its statistics through a fixed random projection (Achlioptas 2003:
/// every coefficient +1 or -1, by a fair coin). It stands in where there is no image encoder.
///
/// The embedding does not have unit length: how long it is tells how much there is in the picture. Its
/// numbers are of the order of 1.
struct PictureEncoder {
  static let name = "capstan-picture-statistics-1"
  static let width = 512

  /// [statistics, width], +1 or -1 over √statistics.
  private let coefficients: [Float]

  init() {
    let scale = 1 / Float(PictureStatistics.count).squareRoot()
    var random = Philox(seed: 0, stream: Self.name)
    coefficients = (0..<PictureStatistics.count * Self.width / 64).flatMap { _ in
      let coins = random.next()
      return (0..<64).map { coins >> $0 & 1 == 0 ? scale : -scale }
    }
  }

  /// [width]
  func embedding(of picture: Picture) -> [Float] {
    var embedding = [Float](repeating: 0, count: Self.width)
    for (index, value) in PictureStatistics.of(picture).enumerated() where value != 0 {
      for column in 0..<Self.width {
        embedding[column] += value * coefficients[index * Self.width + column]
      }
    }
    return embedding
  }
}
