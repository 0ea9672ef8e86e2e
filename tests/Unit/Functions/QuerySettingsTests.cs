using Tributary.Functions.CommandLine;
using Tributary.PromQL.Evaluation;

namespace Tributary.Tests.Unit.Functions;

public sealed class QuerySettingsTests
{
    [Fact]
    public void Resolve_WithoutAnything_IsAsPrometheus()
    {
        var settings = QuerySettings.Resolve(new CommandOptions(), _ => null);
        Assert.Equal(new EngineOptions { Features = QueryFeatures.DurationExpressions }, settings.Engine);
        Assert.Empty(settings.Features);
    }

    [Fact]
    public void Resolve_OptionsComeBeforeTheEnvironment()
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [QuerySettings.TimeoutVariable] = "10s",
            [QuerySettings.MaxSamplesVariable] = "1000",
            [QuerySettings.FeaturesVariable] = "promql-per-step-stats",
        };
        var settings = QuerySettings.Resolve(
            new CommandOptions(
                LookbackDelta: "1m",
                QueryTimeout: "20s",
                MaxConcurrency: "3",
                Features: "promql-experimental-functions, extra-scrape-metrics"
            ),
            environment.GetValueOrDefault
        );
        Assert.Equal(TimeSpan.FromMinutes(1), settings.Engine.LookbackDelta);
        Assert.Equal(TimeSpan.FromSeconds(20), settings.Engine.Timeout);
        Assert.Equal((3, 1000), (settings.Engine.MaxConcurrency, settings.Engine.MaxSamples));
        Assert.True(settings.Engine.Has(QueryFeatures.ExperimentalFunctions));
        Assert.False(settings.Engine.Has(QueryFeatures.PerStepStatistics));
        Assert.Equal(["promql-experimental-functions", "extra-scrape-metrics"], settings.Features);
    }

    [Theory]
    [InlineData(QuerySettings.TimeoutVariable, "soon", "--query.timeout")]
    [InlineData(QuerySettings.TimeoutVariable, "0s", "must be above zero")]
    [InlineData(QuerySettings.LookbackDeltaVariable, "5", "--query.lookback-delta")]
    [InlineData(QuerySettings.MaxSamplesVariable, "-1", "--query.max-samples")]
    [InlineData(QuerySettings.MaxConcurrencyVariable, "0", "--query.max-concurrency")]
    [InlineData(QuerySettings.FeaturesVariable, "promql-magic", "there is no feature 'promql-magic'")]
    public void Resolve_OfAMistake_NamesIt(string variable, string value, string text)
    {
        var error = Assert.Throws<CommandException>(() =>
            QuerySettings.Resolve(new CommandOptions(), name => name == variable ? value : null)
        );
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, error.ExitCode);
    }
}
