/// A picture of 8-bit red, green and blue, row by row from the top: pixels[(y * width + x) * 3 + channel].
public struct Picture: Equatable, Sendable {
  public typealias Color = SIMD3<Float>

  public let width: Int
  public let height: Int
  public private(set) var pixels: [UInt8]

  /// A blank picture of one colour, whose channels go from 0 to 255.
  public init(width: Int, height: Int, color: Color) {
    self.width = width
    self.height = height
    pixels = [UInt8](repeating: 0, count: width * height * 3)
    for index in 0..<width * height { self[index] = color }
  }

  /// The colour of pixel `index` = y * width + x.
  private(set) subscript(index: Int) -> Color {
    get { Color(Float(pixels[index * 3]), Float(pixels[index * 3 + 1]), Float(pixels[index * 3 + 2])) }
    set {
      for channel in 0..<3 {
        pixels[index * 3 + channel] = UInt8(newValue[channel].rounded().clamped(to: 0...255))
      }
    }
  }

  /// Paints a shape whose outline is given by `contains`, in units of `radius` around the centre (x to the right,
  /// y down); it must stay within 1.5 of the centre. A pixel takes as much of the colour as the share of its 4×4
  /// sample points that lie inside: that is what smooths the edges.
  public mutating func paint(
    _ color: Color, center: SIMD2<Float>, radius: Float, contains: (SIMD2<Float>) -> Bool
  ) {
    let reach = 1.5 * radius
    let columns = Int(max(0, center.x - reach))..<Int(min(Float(width), center.x + reach + 1))
    let rows = Int(max(0, center.y - reach))..<Int(min(Float(height), center.y + reach + 1))
    for y in rows {
      for x in columns {
        var covered: Float = 0
        for sample in 0..<16 {
          let offset = SIMD2(Float(sample % 4), Float(sample / 4)) * 0.25 + 0.125
          let point = SIMD2(Float(x), Float(y)) + offset
          if contains((point - center) / radius) { covered += 1 / 16 }
        }
        if covered > 0 { self[y * width + x] += (color - self[y * width + x]) * covered }
      }
    }
  }
}

extension Float {
  fileprivate func clamped(to range: ClosedRange<Float>) -> Float {
    Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
  }
}
