import Support
import Testing

@testable import Configuration
@testable import Training

@Suite struct ConfigurationFaultTests {
  private static let least = """
    run: {directory: runs/test}
    data: {train: {files: [store.h5]}, tokenizer: words}
    train: {steps: 10}
    """

  @Test(arguments: [
    ("trian.steps=1", "did you mean train?"), ("learning_rate=1", "did you mean optimizer.learning_rate?"),
    ("train.learning_rate=1", "did you mean optimizer.learning_rate?"),
    ("learnig_rate=1", "did you mean optimizer.learning_rate?"),
    ("mapper.kind=mlp", "did you mean model.mapper?"),
    ("layers=2", "did you mean model.language_model.layers or model.mapper.layers?"),
    ("train.batchsize=1", "did you mean train.batch_size?"),
    ("model.language_model.droput=0", "model.language_model.dropout?"),
    ("data.validatoin.files=a", "did you mean data.validation?"),
    ("optimizer.lr=1", "optimizer.lr is not a key"),
  ])
  func unknownKeys(override: String, words: String) {
    expectFailure(.usage, words) {
      _ = try Configuration(yaml: Self.least, source: "the test", overrides: [override])
    }
  }

  @Test(arguments: [
    ("run.seed=x", "run.seed is “x”, but must be an integer"),
    ("run.seed=1.5", "integer"), ("run.seed=[1]", "a list"), ("run.seed={a: 1}", "a section"),
    ("run.seed=99999999999999999999", "integer"), ("run.seed=-1", "must not be negative"),
    ("run.threads=0", "run.threads is 0"), ("run.directory=''", "run.directory is not given"),
    ("run.directory=null", "run.directory"), ("run.directory=", "run.directory is empty"),
    ("run.directory=[a]", "text"),
    ("data.train.files=[]", "data.train.files is empty"), ("data.train.files=[[a]]", "data.train.files[0]"),
    ("data.tokenizer=null", "None of data.tokenizer"), ("data.end_token=maybe", "true or false"),
    ("data.caption_tokens=0", "“clipcap”"), ("data.caption_tokens=short", "“clipcap”"),
    ("model.language_model.size=gpt3", "gpt2-xl"), ("model.language_model.layers=0", "at least 1"),
    ("model.language_model.dropout=1", "less than 1"), ("model.language_model.dropout=-0.1", "at least 0"),
    ("model.mapper.kind=lstm", "one of: linear, mlp, transformer, none"),
    ("model={mapper: {kind: none}, language_model: {frozen: true}}", "nothing would be trained"),
    ("model.mapper.prefix_length=-3", "model.mapper.prefix_length"),
    ("model.mapper=5", "a section with keys"),
    ("train.steps=null", "both absent"), ("train.steps=0", "at least 1"),
    ("train.batch_size=-40", "train.batch_size"), ("train.lanes=6", "a power of two"),
    ("train.lanes=0", "a power of two"), ("train.lanes=-8", "a power of two"),
    ("train.lanes=9223372036854775807", "train.lanes"), ("train.lanes=4611686018427387904", "train.lanes"),
    ("train={steps: 1, epochs: 1}", "both given"), ("train.epochs=9223372036854775807", "at most"),
    ("model.mapper.clip_length=9223372036854775807", "at most"), ("run.threads=1000000000", "at most"),
    ("train.accumulation_steps=3", "a power of two"),
    ("train.accumulation_steps=4611686018427387904", "train.accumulation_steps"),
    ("train.precision=half", "one of:"),
    ("train.clip_norm=0", "above 0"), ("train.clip_norm=.nan", "finite"),
    ("optimizer.learning_rate=-1", "optimizer.learning_rate"), ("optimizer.learning_rate=fast", "number"),
    ("optimizer.learning_rate=inf", "finite"), ("optimizer.beta1=1", "less than 1"),
    ("optimizer.beta2=-0.1", "at least 0"), ("optimizer.epsilon=0", "above 0"),
    ("optimizer.weight_decay=-1", "optimizer.weight_decay"),
    ("optimizer.convention=adam", "one of: pytorch, huggingface, tensorflow"),
    ("train.clip_value=0", "above 0"),
    ("optimizer.groups=[{rate_factor: 2}]", "groups[0].parameters is empty"),
    ("optimizer.groups=[{parameters: a, rate_factor: 0}]", "optimizer.groups[0].rate_factor"),
    (
      "optimizer.groups=[{parameters: a}, {parameters: b, weight_decay: -1}]",
      "optimizer.groups[1].weight_decay"
    ),
    ("optimizer.groups=[{parameters: a, rate_facter: 1}]", "did you mean optimizer.groups[0].rate_factor?"),
    ("optimizer.groups=[a]", "a section with keys parameters, trained"),
    ("schedule.shape=noam", "schedule.warmup_steps is 0"),
    ("schedule.shape=plateau", "no data.validation.files"), ("schedule.minimum_factor=1", "less than 1"),
    ("schedule.plateau_factor=1", "less than 1"), ("schedule.plateau_patience=-1", "negative"),
    ("schedule.shape=step", "one of: constant, linear, cosine, noam, plateau"),
    ("schedule.warmup_steps=-1", "negative"),
    ("numerics.skip_limit=-1", "must not be negative"), ("numerics.spike_threshold=0", "above 0"),
    ("numerics.spike_window=1", "at least 2"), ("numerics.spike_action=stop", "one of: warn, skip"),
    ("validation.every_steps=0", "at least 1"), ("validation.patience=0", "at least 1"),
    ("checkpoint.every_steps=0", "at least 1"), ("checkpoint.keep=0", "at least 1"),
    ("log.every_steps=0", "at least 1"), ("log.tensorboard=2", "true or false"),
    ("run.seed", "gives no value"), ("=5", "gives no value"), ("run.seed=[", "not YAML"),
    (".=5", "gives no value"),
  ])
  func wrongValues(override: String, words: String) {
    expectFailure(.usage, words) {
      _ = try Configuration(yaml: Self.least, source: "the test", overrides: [override])
    }
  }

  @Test(arguments: [
    ("run: {", "is not YAML"), ("- a\n- b\n", "The configuration is a list"),
    ("word", "The configuration is “word”"),
    ("", "run.directory is not given"), ("run: 5", "run is “5”"), ("run: {seed: 1, seed: 2}", "is not YAML"),
  ])
  func wrongFiles(yaml: String, words: String) {
    expectFailure(.usage, words) { _ = try Configuration(yaml: yaml, source: "the test") }
  }

  @Test(arguments: ["weight_decay: 0.01", "groups: [{parameters: a, weight_decay: 0.1}]"])
  func tensorflowsAdamDoesNotDecay(key: String) throws {
    let yaml = Self.least + "\noptimizer: {convention: tensorflow, "
    _ = try Configuration(yaml: yaml + "weight_decay: 0}", source: "the test")
    expectFailure(.usage, "has no weight decay") {
      _ = try Configuration(yaml: yaml + "\(key)}", source: "the test")
    }
  }

  @Test func missingFile() {
    expectFailure(.usage, "/nowhere/run.yaml") { _ = try Configuration(contentsOf: "/nowhere/run.yaml") }
  }
}
