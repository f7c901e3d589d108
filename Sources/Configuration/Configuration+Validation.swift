import Models
import Support

extension Configuration {
  /// Checks what can be known without looking at any file.
  public func validate() throws {
    func require(_ condition: Bool, _ sentence: @autoclosure () -> String) throws {
      if !condition { throw Failure.usage(sentence()) }
    }
    func requirePositive(_ value: Int?, _ path: String, atMost limit: Int = .max) throws {
      guard let value else { return }
      try require(value > 0, "\(path) is \(value), but must be at least 1; correct the configuration.")
      try require(
        value <= limit, "\(path) is \(value), but must be at most \(limit); correct the configuration.")
    }
    func requireWithin(_ value: Double, _ range: Range<Double>, _ path: String) throws {
      guard range.contains(value) else {
        throw Failure.usage(
          "\(path) is \(value), but must be at least \(range.lowerBound) and less than \(range.upperBound); "
            + "correct the configuration.")
      }
    }
    try require(
      !run.directory.isEmpty, "run.directory is not given; name the folder that the run is to be written to.")
    try require(!data.train.files.isEmpty, "data.train.files is empty; name at least one embedding store.")
    try require(
      run.seed >= 0, "run.seed is \(run.seed), but must not be negative; correct the configuration.")
    try requirePositive(run.threads, "run.threads", atMost: 4096)
    try requirePositive(run.stallLimit, "run.stall_limit", atMost: 1_000_000)
    try require(
      (train.steps == nil) != (train.epochs == nil),
      "train.steps and train.epochs are \(train.steps == nil ? "both absent" : "both given"); give one of them."
    )
    try requirePositive(train.steps, "train.steps")
    try requirePositive(train.epochs, "train.epochs", atMost: 1_000_000)
    try requirePositive(train.batchSize, "train.batch_size")
    try requirePositive(data.shuffleWindow, "data.shuffle_window")
    for (name, value) in [("lanes", train.lanes), ("accumulation_steps", train.accumulationSteps)] {
      try require(
        (1...largestPower).contains(value) && value & (value - 1) == 0,
        "train.\(name) is \(value), but must be a power of two up to \(largestPower); the nearest is "
          + "\(nearestPowerOfTwo(value)).")
    }
    if let norm = train.clipNorm {
      try require(norm > 0, "train.clip_norm is \(norm), but must be above 0; set null for no clipping.")
    }
    if let value = train.clipValue {
      try require(value > 0, "train.clip_value is \(value), but must be above 0; set null for no clipping.")
    }
    try requireWithin(train.labelSmoothing, 0..<1, "train.label_smoothing")
    try requireWithin(optimizer.learningRate, 0..<1e3, "optimizer.learning_rate")
    try requireWithin(optimizer.beta1, 0..<1, "optimizer.beta1")
    try requireWithin(optimizer.beta2, 0..<1, "optimizer.beta2")
    try requireWithin(optimizer.weightDecay, 0..<1e3, "optimizer.weight_decay")
    for (index, group) in optimizer.groups.enumerated() {
      let path = "optimizer.groups[\(index)]"
      try require(
        !group.parameters.isEmpty,
        "\(path).parameters is empty; name parameters as checkpoints do, such as clip_project.*.")
      try require(
        group.rateFactor > 0 && group.rateFactor < 1e6,
        "\(path).rate_factor is \(group.rateFactor), but must be above 0 and less than 1000000; to freeze the group set "
          + "its trained to false.")
      if let decay = group.weightDecay { try requireWithin(decay, 0..<1e3, "\(path).weight_decay") }
    }
    try require(
      optimizer.epsilon > 0,
      "optimizer.epsilon is \(optimizer.epsilon), but must be above 0; PyTorch has 1e-8.")
    try require(
      optimizer.convention != .tensorflow
        || optimizer.weightDecay == 0 && optimizer.groups.allSatisfy { $0.weightDecay ?? 0 == 0 },
      "optimizer.convention is tensorflow, whose Adam has no weight decay, but a weight_decay is above 0; set it to 0, or "
        + "take the convention huggingface, which is the same with decay.")
    try require(
      schedule.warmupSteps >= 0,
      "schedule.warmup_steps is \(schedule.warmupSteps), but must not be negative; correct the configuration."
    )
    try require(
      schedule.shape != .noam || schedule.warmupSteps > 0,
      "schedule.shape is noam, whose warm-up is a part of it, but schedule.warmup_steps is 0; set it to at least 1."
    )
    try requireWithin(schedule.minimumFactor, 0..<1, "schedule.minimum_factor")
    try requireWithin(schedule.plateauFactor, 0..<1, "schedule.plateau_factor")
    try require(
      schedule.plateauPatience >= 0,
      "schedule.plateau_patience is \(schedule.plateauPatience), but must not be negative; set 0 to lower the rate at the "
        + "first validation without a new best.")
    try require(
      schedule.shape != .plateau || !data.validation.files.isEmpty,
      "schedule.shape is plateau, but there are no data.validation.files whose loss or scores could stop improving; name "
        + "some, or choose another shape.")
    try require(
      numerics.skipLimit >= 0,
      "numerics.skip_limit is \(numerics.skipLimit), but must not be negative; set 0 to end the run at the first."
    )
    if let threshold = numerics.spikeThreshold {
      try require(
        threshold > 0,
        "numerics.spike_threshold is \(threshold), but must be above 0; set null for no detection.")
    }
    try require(
      numerics.spikeWindow >= 2,
      "numerics.spike_window is \(numerics.spikeWindow), but a deviation takes at least 2 steps; correct the "
        + "configuration.")
    try requirePositive(validation.everySteps, "validation.every_steps")
    try requirePositive(validation.patience, "validation.patience")
    try requirePositive(validation.metricsEvery, "validation.metrics_every")
    try requirePositive(validation.beams, "validation.beams", atMost: 100)
    try require(
      validation.best == .loss || validation.metricsEvery != nil,
      "validation.best is cider, but validation.metrics_every is null, so no captions would be scored; set it to 1."
    )
    try require(
      validation.metricsEvery == nil || !data.validation.files.isEmpty && model.section.seesImages,
      "validation.metrics_every is set, but there \(data.validation.files.isEmpty ? "are no data.validation.files" : "is no mapping network") to "
        + "caption with; set it to null.")
    try requirePositive(checkpoint.everySteps, "checkpoint.every_steps")
    try requirePositive(checkpoint.keep, "checkpoint.keep")
    try requirePositive(log.everySteps, "log.every_steps")
    guard ModelFamilies.named(model.family) != nil else {
      throw Failure.usage(
        "model.family is “\(model.family)”, but must be one of \(ModelFamilies.names); correct the configuration."
      )
    }
    try model.section.validate(startingFrom: model.initialModel)
    try require(
      model.section.weightsDirectory != nil || data.tokenizer != nil || model.initialModel != nil,
      "None of data.tokenizer, model.language_model.directory and model.init_from is given; one of them must name a "
        + "vocabulary (make one with `capstan tokenizer train`).")
  }

  private func nearestPowerOfTwo(_ value: Int) -> Int {
    var power = 1
    while power < largestPower, power * 3 / 2 < value { power *= 2 }
    return power
  }

  /// More lanes than any batch can fill.
  private var largestPower: Int { 1 << 16 }
}
