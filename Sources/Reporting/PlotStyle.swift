/// The look of plots. Colours are those of Okabe and Ito (2008), which differ for every kind of colour vision, darkened
/// or lightened where the background asks for it; curves differ by dashes too, for paper without colour, and so that
/// there are as many looks as pairs of a colour and a dash.
enum PlotStyle {
  private static let colors = 7
  private static let dashes = ["none", "7 3", "2 3", "9 3 2 3", "5 5", "12 4", "1 2"]

  /// The classes of a run's curves. Thin ones are dashed only where the colours are used up.
  static func classes(ofRun run: Int, isMarked: Bool) -> String {
    let dash = (run + run / colors) % dashes.count
    let isDashed = isMarked || run >= colors
    return "color-\(run % colors)" + (isDashed ? " dash-\(dash)" : "") + (isMarked ? " marked" : "")
  }

  static let css = """
    .plot { font: 12px system-ui, sans-serif; --ink: #222; --faint: #ddd;
      --c0: #0072b2; --c1: #d55e00; --c2: #008f68; --c3: #b0568f; --c4: #b08000; --c5: #3c96cc; --c6: #555; }
    @media (prefers-color-scheme: dark) { .plot { --ink: #ddd; --faint: #3a3a3a;
      --c0: #56a8e8; --c1: #f08a3c; --c2: #2fc79a; --c3: #e08cc0; --c4: #e5c04b; --c5: #9fd4f5; --c6: #bbb; } }
    @media print { .plot { --ink: #000; --faint: #ccc;
      --c0: #0072b2; --c1: #d55e00; --c2: #008f68; --c3: #b0568f; --c4: #b08000; --c5: #3c96cc; --c6: #555; } }
    .plot text { fill: var(--ink); } .plot .heading { font-weight: 600; font-size: 13px; }
    .plot .grid { stroke: var(--faint); } .plot .axis { stroke: var(--ink); }
    .plot polyline { fill: none; stroke-width: 1; stroke-opacity: .65; stroke-linejoin: round; }
    .plot polyline.marked { stroke-width: 2; stroke-opacity: 1; } .plot circle { stroke: none; }
    \((0..<colors).map { ".plot .color-\($0) { stroke: var(--c\($0)); } .plot circle.color-\($0) { fill: var(--c\($0)); }" }.joined(separator: "\n"))
    \(dashes.enumerated().map { ".plot .dash-\($0) { stroke-dasharray: \($1); }" }.joined(separator: "\n"))
    """
}
