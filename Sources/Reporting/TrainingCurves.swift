import Runs
import Training

/// The plots of how runs went, all runs in each.
struct TrainingCurves {
  /// The most points of a curve; of more steps, neighbours are averaged.
  private static let mostPoints = 240

  let plots: [LinePlot]

  init(_ runs: [RunRecord]) {
    func curves(_ value: (StepMetrics) -> Double?) -> [LinePlot.Series] {
      runs.enumerated().map { number, run in
        LinePlot.Series(
          name: "\(run.name), training", run: number, points: Self.averaged(run.history.steps, value))
      }
    }
    let validation = runs.enumerated().map { number, run in
      LinePlot.Series(
        name: "\(run.name), validation", run: number,
        points: run.history.validations.map { LinePlot.Point($0.epoch, $0.validationLoss) }, isMarked: true)
    }
    let scores = runs.enumerated().map { number, run in
      LinePlot.Series(
        name: "\(run.name), CIDEr", run: number,
        points: run.history.validations.compactMap { validation in
          validation.cider.map { LinePlot.Point(validation.epoch, $0) }
        }, isMarked: true)
    }
    func plot(_ title: String, _ series: [LinePlot.Series], isLogarithmic: Bool = false) -> LinePlot {
      LinePlot(title: title, xLabel: "epoch", series: series, isLogarithmic: isLogarithmic)
    }
    plots = [
      plot("Loss: training (thin) and validation", curves(\.loss) + validation),
      plot("Validation loss", validation),
      plot("CIDEr of validation", scores),
      plot("Learning rate", curves(\.learningRate)),
      plot("Captions per second", curves(\.captionsPerSecond)),
      plot("Gradient norm", curves(\.gradientNorm), isLogarithmic: true),
    ].filter { !$0.series.isEmpty }
  }

  /// Of steps that have no value, because it was not finite, there is no point.
  private static func averaged(
    _ steps: [StepMetrics], _ value: (StepMetrics) -> Double?
  ) -> [LinePlot.Point] {
    let points = steps.compactMap { step in value(step).map { LinePlot.Point(step.epoch, $0) } }
    let width = max(1, (points.count + mostPoints - 1) / mostPoints)
    return stride(from: 0, to: points.count, by: width).map { first in
      let group = points[first..<min(points.count, first + width)]
      func mean(_ value: (LinePlot.Point) -> Double) -> Double {
        group.reduce(0) { $0 + value($1) } / Double(group.count)
      }
      return LinePlot.Point(mean(\.x), mean(\.y))
    }
  }
}
