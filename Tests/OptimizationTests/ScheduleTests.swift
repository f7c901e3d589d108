import Optimization
import Testing

/// The known answers are what `transformers` 4.x prints for the same numbers, by
/// `get_linear_schedule_with_warmup(optimizer, 4, 10)` and its siblings, one `get_last_lr()` before each of ten steps.
@Suite struct ScheduleTests {
  private func factors(
    _ shape: Schedule.Shape, warmup: Int, startsAtZero: Bool = true, steps: Int = 10
  ) -> [Double] {
    let schedule = Schedule(
      shape: shape, warmupSteps: warmup, totalSteps: steps, startsAtZero: startsAtZero)
    return (0..<steps).map { schedule.factor(at: $0) }
  }

  private func expectClose(
    _ found: [Double], _ expected: [Double], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(found.count == expected.count, sourceLocation: sourceLocation)
    for (found, expected) in zip(found, expected) {
      #expect(abs(found - expected) < 1e-12, sourceLocation: sourceLocation)
    }
  }

  @Test func linear() {
    expectClose(
      factors(.linear, warmup: 4),
      [
        0, 0.25, 0.5, 0.75, 1, 0.8333333333333334, 0.6666666666666666, 0.5, 0.3333333333333333,
        0.16666666666666666,
      ])
  }

  @Test func linearWithoutWarmup() {
    let expected = [1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]
    expectClose(factors(.linear, warmup: 0), expected)
    expectClose(factors(.linear, warmup: 0, startsAtZero: false), expected)
  }

  @Test func cosine() {
    expectClose(
      factors(.cosine, warmup: 4),
      [
        0, 0.25, 0.5, 0.75, 1, 0.9330127018922194, 0.75, 0.5, 0.2500000000000001, 0.06698729810778065,
      ])
  }

  @Test func constant() {
    expectClose(factors(.constant, warmup: 4), [0, 0.25, 0.5, 0.75, 1, 1, 1, 1, 1, 1])
  }

  /// (512 · 4)^-½ times these is `512 ** -.5 * min(step ** -.5, step * 4 ** -1.5)` for steps from 1 on.
  @Test func noam() {
    expectClose(
      factors(.noam, warmup: 4, startsAtZero: false),
      [
        0.25, 0.5, 0.75, 1, 0.8944271909999159, 0.8164965809277261, 0.7559289460184544, 0.7071067811865476,
        0.6666666666666666, 0.6324555320336759,
      ])
  }

  @Test func minimum() {
    func factors(_ shape: Schedule.Shape, reductions: Int = 0) -> [Double] {
      let schedule = Schedule(
        shape: shape, warmupSteps: 2, totalSteps: 12, startsAtZero: false, minimum: 0.4, plateauFactor: 0.5)
      return [0, 1, 2, 7, 12, 100].map { schedule.factor(at: $0, reductions: reductions) }
    }
    expectClose(factors(.constant), [0.5, 1, 1, 1, 1, 1])
    expectClose(factors(.linear), [0.5, 1, 1, 0.7, 0.4, 0.4])
    // torch.optim.lr_scheduler.CosineAnnealingLR(T_max=10, eta_min=0.4) behind the warm-up.
    expectClose(factors(.cosine), [0.5, 1, 1, 0.7, 0.4, 0.4])
    expectClose(factors(.noam), [0.5, 1, (2.0 / 3).squareRoot(), 0.5, 0.4, 0.4])
    expectClose(factors(.plateau, reductions: 1), [0.5, 0.5, 0.5, 0.5, 0.5, 0.5])
    expectClose(factors(.plateau, reductions: 2), [0.5, 0.4, 0.4, 0.4, 0.4, 0.4])
  }

  /// What `torch.optim.lr_scheduler.ReduceLROnPlateau(factor=.5, patience=1, threshold=0)` makes of a rate of 1.
  @Test func plateau() {
    let losses = [3.0, 2, 2, 2.5, 1.9, 1.95, 1.9, 1.95, 1.7, 2, 2, 2, 2]
    let expected = [1.0, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.125, 0.125, 0.0625]
    let schedule = Schedule(
      shape: .plateau, warmupSteps: 0, totalSteps: 20, startsAtZero: false, plateauFactor: 0.5)
    var state = PlateauState()
    for (loss, expected) in zip(losses, expected) {
      state.add(loss, patience: 1)
      #expect(schedule.factor(at: 1, reductions: state.reductions) == expected)
    }
  }

  /// Not Hugging Face's: the first step already moves something, and everything after the warm-up is the same.
  @Test(arguments: [Schedule.Shape.constant, .linear, .cosine]) func warmupThatStartsAboveZero(
    shape: Schedule.Shape
  ) {
    let found = factors(shape, warmup: 4, startsAtZero: false)
    expectClose(Array(found.prefix(4)), [0.25, 0.5, 0.75, 1])
    expectClose(Array(found.dropFirst(4)), Array(factors(shape, warmup: 4).dropFirst(4)))
  }

  @Test(arguments: Schedule.Shape.allCases) func staysWithinBounds(shape: Schedule.Shape) {
    for (warmup, steps) in [(0, 1), (1, 1), (5, 3), (3, 3), (1, 2)] {
      for startsAtZero in [true, false] {
        let schedule = Schedule(
          shape: shape, warmupSteps: warmup, totalSteps: steps, startsAtZero: startsAtZero)
        for step in 0...steps + 1 { #expect((0...1).contains(schedule.factor(at: step))) }
      }
    }
  }
}
