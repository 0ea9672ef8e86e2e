using System.Globalization;
using Tributary.Model;
using Tributary.PromQL.Evaluation;

namespace Tributary.Functions.CommandLine;

/// <summary>What queries may use, and which experimental features are on: under Prometheus' names.</summary>
internal sealed record QuerySettings
{
    public const string LookbackDeltaName = "--query.lookback-delta";
    public const string TimeoutName = "--query.timeout";
    public const string MaxConcurrencyName = "--query.max-concurrency";
    public const string MaxSamplesName = "--query.max-samples";
    public const string FeaturesName = "--enable-feature";
    public const string LookbackDeltaVariable = "TRIBUTARY_QUERY_LOOKBACK_DELTA";
    public const string TimeoutVariable = "TRIBUTARY_QUERY_TIMEOUT";
    public const string MaxConcurrencyVariable = "TRIBUTARY_QUERY_MAX_CONCURRENCY";
    public const string MaxSamplesVariable = "TRIBUTARY_QUERY_MAX_SAMPLES";
    public const string FeaturesVariable = "TRIBUTARY_ENABLE_FEATURE";

    /// <summary>Prometheus has made them part of the language.</summary>
    private const QueryFeatures AlwaysOn = QueryFeatures.DurationExpressions;

    private static readonly Dictionary<string, QueryFeatures> Known = new(StringComparer.Ordinal)
    {
        ["promql-experimental-functions"] = QueryFeatures.ExperimentalFunctions,
        ["promql-duration-expr"] = QueryFeatures.DurationExpressions,
        ["promql-extended-range-selectors"] = QueryFeatures.ExtendedRangeSelectors,
        ["promql-binop-fill-modifiers"] = QueryFeatures.FillModifiers,
        ["promql-delayed-name-removal"] = QueryFeatures.DelayedNameRemoval,
        ["promql-per-step-stats"] = QueryFeatures.PerStepStatistics,
        ["type-and-unit-labels"] = QueryFeatures.TypeAndUnitLabels,
        ["use-start-timestamps"] = QueryFeatures.StartTimestamps,
    };

    /// <summary>Prometheus' other names: they change nothing here, so that its command line is taken as it is.</summary>
    private static readonly HashSet<string> OfPrometheus = new(StringComparer.Ordinal)
    {
        "auto-reload-config",
        "concurrent-rule-eval",
        "created-timestamp-zero-ingestion",
        "delayed-compaction",
        "exemplar-storage",
        "extra-scrape-metrics",
        "fast-startup",
        "histograms-st-encoding",
        "memory-snapshot-on-shutdown",
        "metadata-wal-records",
        "native-histograms",
        "old-ui",
        "ooo-native-histograms",
        "otlp-deltatocumulative",
        "otlp-native-delta-ingestion",
        "search-api",
        "st-storage",
        "st-synthesis",
        "use-uncached-io",
        "xor2-encoding",
    };

    /// <summary>The engine's options as far as they come from the command line.</summary>
    public EngineOptions Engine { get; init; } = new() { Features = AlwaysOn };

    /// <summary>The features as they were asked for, in order.</summary>
    public IReadOnlyList<string> Features { get; init; } = [];

    /// <summary>The settings of this process.</summary>
    /// <param name="options">The command line.</param>
    /// <param name="environment">Looks up an environment variable.</param>
    /// <exception cref="CommandException">A setting is not usable; the message says what to do.</exception>
    public static QuerySettings Resolve(CommandOptions options, Func<string, string?> environment)
    {
        var features = ParseFeatures(options.Features ?? environment(FeaturesVariable));
        var defaults = new EngineOptions();
        return new QuerySettings
        {
            Features = features,
            Engine = new EngineOptions
            {
                LookbackDelta =
                    Duration(options.LookbackDelta, LookbackDeltaName, LookbackDeltaVariable) ?? defaults.LookbackDelta,
                Timeout = Duration(options.QueryTimeout, TimeoutName, TimeoutVariable) ?? defaults.Timeout,
                MaxConcurrency = (int)(
                    Number(options.MaxConcurrency, MaxConcurrencyName, MaxConcurrencyVariable, int.MaxValue)
                    ?? defaults.MaxConcurrency
                ),
                MaxSamples =
                    Number(options.MaxSamples, MaxSamplesName, MaxSamplesVariable, long.MaxValue)
                    ?? defaults.MaxSamples,
                Features = features.Aggregate(
                    AlwaysOn,
                    (sum, name) => sum | Known.GetValueOrDefault(name, QueryFeatures.None)
                ),
            },
        };

        TimeSpan? Duration(string? option, string name, string variable)
        {
            var text = option ?? environment(variable);
            return string.IsNullOrWhiteSpace(text) ? null
                : DurationText.TryParse(text.Trim(), out var duration, out var problem) && duration > TimeSpan.Zero
                    ? duration
                : throw CommandException.Usage(
                    $"{name} (or {variable}): '{text}' {(problem.Length > 0 ? "is " + problem : "must be above zero")}."
                );
        }

        long? Number(string? option, string name, string variable, long max)
        {
            var text = option ?? environment(variable);
            return string.IsNullOrWhiteSpace(text) ? null
                : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && number > 0
                && number <= max
                    ? number
                : throw CommandException.Usage($"{name} (or {variable}): '{text}' must be a whole number above zero.");
        }
    }

    /// <summary>Names between commas.</summary>
    private static List<string> ParseFeatures(string? text)
    {
        const StringSplitOptions splitting = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;
        var names = (text ?? "").Split(',', splitting).Distinct(StringComparer.Ordinal).ToList();
        if (names.Find(name => !Known.ContainsKey(name) && !OfPrometheus.Contains(name)) is { } unknown)
        {
            throw CommandException.Usage(
                $"{FeaturesName} (or {FeaturesVariable}): there is no feature '{unknown}'. Those of Prometheus that "
                    + $"change something here: {string.Join(", ", Known.Keys.Order(StringComparer.Ordinal))}."
            );
        }
        return names;
    }
}
