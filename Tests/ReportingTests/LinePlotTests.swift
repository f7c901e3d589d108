import Foundation
import FoundationXML
import Testing

@testable import Reporting

@Suite struct LinePlotTests {
  private func plot(
    _ points: [LinePlot.Point], isMarked: Bool = true, name: String = "a", isLogarithmic: Bool = false
  ) -> LinePlot {
    LinePlot(
      title: "Loss", xLabel: "epoch",
      series: [LinePlot.Series(name: name, run: 0, points: points, isMarked: isMarked)],
      isLogarithmic: isLogarithmic)
  }

  /// Every element's attributes, in order.
  private func elements(_ svg: String, _ name: String) throws -> [[String: String]] {
    final class Reader: NSObject, XMLParserDelegate {
      var found: [(String, [String: String])] = []
      func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
      ) { found.append((name, attributes)) }
    }
    let reader = Reader()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = reader
    #expect(parser.parse(), "\(parser.parserError.debugDescription)")
    return reader.found.filter { $0.0 == name }.map(\.1)
  }

  @Test func pointsStandWhereTheirNumbersSay() throws {
    let svg = plot([.init(0, 0), .init(1, 5), .init(2, 10)]).svg(standalone: true)
    let circles = try elements(svg, "circle").compactMap { circle -> (Double, Double)? in
      guard let x = circle["cx"].flatMap(Double.init), let y = circle["cy"].flatMap(Double.init) else {
        return nil
      }
      return (x, y)
    }
    #expect(circles.count == 3)
    #expect(abs(circles[1].0 - (circles[0].0 + circles[2].0) / 2) < 0.11)
    #expect(abs(circles[1].1 - (circles[0].1 + circles[2].1) / 2) < 0.11)
    #expect(circles[0].1 > circles[2].1, "up is more")
  }

  @Test func namesCannotBreakOut() throws {
    let svg = plot([.init(0, 1)], name: "<script>\"&\u{1}").svg(standalone: true)
    #expect(try elements(svg, "script").isEmpty)
    #expect(svg.contains("&lt;script&gt;&quot;&amp;"))
  }

  @Test func whatIsNoNumberIsLeftOut() throws {
    let svg = plot([.init(0, .nan), .init(1, .infinity), .init(2, 1), .init(3, 1)]).svg(standalone: false)
    #expect(try elements(svg, "circle").count == 2)
    #expect(!svg.contains("nan") && !svg.contains("inf"))
  }

  @Test func manyRunsLookDifferent() {
    for isMarked in [true, false] {
      #expect(Set((0..<40).map { PlotStyle.classes(ofRun: $0, isMarked: isMarked) }).count == 40)
    }
    // Each class has a rule.
    let classes = Set((0..<40).flatMap { PlotStyle.classes(ofRun: $0, isMarked: true).split(separator: " ") })
    for name in classes { #expect(PlotStyle.css.contains(".\(name) {"), "\(name)") }
  }

  /// A curve of gradient norms spans powers of ten, and none of it is cut off.
  @Test func logarithmicAxesShowAll() throws {
    let norms = (0..<200).map { LinePlot.Point(Double($0), $0 < 5 ? 1000 : $0 < 10 ? 0 : 0.2) }
    let svg = plot(norms, isMarked: false, isLogarithmic: true).svg(standalone: false)
    let points = try elements(svg, "polyline").first?["points"]?.split(separator: " ") ?? []
    #expect(points.count == 195)
    for point in points {
      #expect((30...258).contains(point.split(separator: ",").last.flatMap { Double($0) } ?? 0))
    }
    for label in ["0.1", "10", "1000"] { #expect(svg.contains(">\(label)</text>"), "\(label)") }
  }

  /// The first losses of a model that knows nothing would press the rest to the ground.
  @Test func thinCurvesMayLeaveAtTheTop() throws {
    let losses = (0..<200).map { LinePlot.Point(Double($0), $0 < 5 ? 1000 : 2) }
    let ends = try elements(plot(losses, isMarked: false).svg(standalone: false), "polyline")
    let first = ends.first?["points"]?.split(separator: " ").first?.split(separator: ",").last
    #expect(first.flatMap { Double($0) }.map { $0 < 0 } == true)
    #expect(plot(losses, isMarked: false).svg(standalone: false).contains("↑ up to 1000"))
    #expect(!plot(losses).svg(standalone: false).contains("↑"))
  }
}
