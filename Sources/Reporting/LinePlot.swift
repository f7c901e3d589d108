import Foundation

/// Curves over shared axes, as SVG that reads on paper, on a bright and on a dark screen.
public struct LinePlot: Sendable {
  public struct Series: Sendable {
    public var name: String
    /// The run's number: its curves have one colour and one dash.
    public var run: Int
    public var points: [Point]
    /// Measured now and then: each point has a mark. Others are thin lines.
    public var isMarked: Bool

    public init(name: String, run: Int, points: [Point], isMarked: Bool = false) {
      self.name = name
      self.run = run
      self.points = points.filter { $0.x.isFinite && $0.y.isFinite }
      self.isMarked = isMarked
    }
  }

  public struct Point: Equatable, Sendable {
    public var x: Double
    public var y: Double

    public init(_ x: Double, _ y: Double) { (self.x, self.y) = (x, y) }
  }

  public var title: String
  public var xLabel: String
  public var series: [Series]
  /// Equal steps up the axis are equal ratios. Points at zero and below have no place there.
  public var isLogarithmic: Bool

  public init(title: String, xLabel: String, series: [Series], isLogarithmic: Bool = false) {
    self.title = title
    self.xLabel = xLabel
    self.isLogarithmic = isLogarithmic
    self.series = series.map { series in
      var series = series
      if isLogarithmic { series.points.removeAll { $0.y <= 0 } }
      return series
    }.filter { !$0.points.isEmpty }
  }

  private static let (width, height) = (560.0, 300.0)
  private static let (left, right, top, bottom) = (58.0, 14.0, 30.0, 42.0)

  /// - Parameter standalone: whether it brings its colours along, for a file of its own.
  public func svg(standalone: Bool) -> String {
    let (xRange, yRange) = (self.xRange, self.yRange)
    let (right, bottom) = (Self.width - Self.right, Self.height - Self.bottom)
    func x(_ value: Double) -> Double {
      Self.left + (value - xRange.lowerBound) / (xRange.upperBound - xRange.lowerBound) * (right - Self.left)
    }
    func y(_ value: Double) -> Double {
      let value = isLogarithmic ? log10(value) : value
      return bottom - (value - yRange.lowerBound) / (yRange.upperBound - yRange.lowerBound)
        * (bottom - Self.top)
    }
    func n(_ value: Double) -> String { String(format: "%.1f", value) }

    let clip = "plot-" + title.unicodeScalars.map { $0.properties.isAlphabetic ? String($0) : "-" }.joined()
    var lines = [
      #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(n(Self.width)) \#(n(Self.height))" class="plot" role="img">"#,
      "<title>\((title + ": " + series.map(\.name).joined(separator: ", ")).markup)</title>",
    ]
    if standalone { lines.append("<metadata>\(Report.mark)</metadata>") }
    if standalone { lines.append("<style>\(PlotStyle.css)</style>") }
    lines += [
      #"<clipPath id="\#(clip.markup)"><rect x="\#(n(Self.left - 4))" y="\#(n(Self.top - 4))" width="\#(n(right - Self.left + 8))" height="\#(n(bottom - Self.top + 8))"/></clipPath>"#,
      #"<text class="heading" x="\#(n(Self.left))" y="16">\#(title.markup)</text>"#,
      #"<text x="\#(n((Self.left + right) / 2))" y="\#(n(Self.height - 8))" text-anchor="middle">\#(xLabel.markup)</text>"#,
    ]
    if let highest = series.flatMap({ $0.points.map(\.y) }).max(), !isLogarithmic, highest > yRange.upperBound
    {
      lines.append(
        #"<text x="\#(n(right))" y="16" text-anchor="end">↑ up to \#(String(format: "%.4g", highest))</text>"#
      )
    }
    let xTicks = TickMarks(xRange, most: 8)
    let yTicks = TickMarks(yRange, most: 6, isLogarithmic: isLogarithmic)
    for tick in yTicks.values {
      lines.append(
        #"<line class="grid" x1="\#(n(Self.left))" x2="\#(n(right))" y1="\#(n(y(tick)))" y2="\#(n(y(tick)))"/><text x="\#(n(Self.left - 7))" y="\#(n(y(tick) + 4))" text-anchor="end">\#(yTicks.label(tick))</text>"#
      )
    }
    for tick in xTicks.values {
      lines.append(
        #"<line class="axis" x1="\#(n(x(tick)))" x2="\#(n(x(tick)))" y1="\#(n(bottom))" y2="\#(n(bottom + 4))"/><text x="\#(n(x(tick)))" y="\#(n(bottom + 18))" text-anchor="middle">\#(xTicks.label(tick))</text>"#
      )
    }
    lines.append(
      #"<line class="axis" x1="\#(n(Self.left))" x2="\#(n(right))" y1="\#(n(bottom))" y2="\#(n(bottom))"/>"#)
    lines.append(#"<g clip-path="url(#\#(clip.markup))">"#)
    // Marked curves last, so that they lie above the thin ones.
    for curve in series.sorted(by: { !$0.isMarked && $1.isMarked }) {
      let path = curve.points.map { "\(n(x($0.x))),\(n(y($0.y)))" }
      let look = PlotStyle.classes(ofRun: curve.run, isMarked: curve.isMarked)
      lines.append(
        #"<polyline class="\#(look)" points="\#(path.joined(separator: " "))"><title>\#(curve.name.markup)</title></polyline>"#
      )
      if curve.isMarked {
        for point in curve.points {
          lines.append(
            #"<circle class="\#(look)" cx="\#(n(x(point.x)))" cy="\#(n(y(point.y)))" r="3"><title>\#("\(curve.name): \(String(format: "%.4g", point.y)) at \(String(format: "%.4g", point.x))".markup)</title></circle>"#
          )
        }
      }
    }
    return (lines + ["</g>", "</svg>"]).joined(separator: "\n")
  }

  private var xRange: ClosedRange<Double> {
    let values = series.flatMap { $0.points.map(\.x) }
    return widened(min(0, values.min() ?? 0), values.max() ?? 1)
  }

  /// From the least value to the greatest, of logarithms where the axis is logarithmic. On another thin curves may leave
  /// at the top with a twentieth: the loss of a model that knows nothing would press everything else to the ground.
  private var yRange: ClosedRange<Double> {
    let values = series.flatMap { curve -> [Double] in
      let ys = curve.points.map { isLogarithmic ? log10($0.y) : $0.y }.sorted()
      return curve.isMarked || isLogarithmic ? ys : Array(ys.prefix(ys.count - ys.count / 20))
    }
    let (least, most) = (values.min() ?? 0, values.max() ?? 1)
    if isLogarithmic {
      // At least from one power of ten to the next, which have labels.
      return least.rounded(.down)...max(most.rounded(.up), least.rounded(.down) + 1)
    }
    let margin = 0.04 * (most - least)
    return widened(least >= 0 && least < 0.3 * most ? 0 : least - margin, most + margin)
  }

  private func widened(_ least: Double, _ most: Double) -> ClosedRange<Double> {
    most > least ? least...most : least - max(0.5, abs(least) / 2)...least + max(0.5, abs(least) / 2)
  }
}
