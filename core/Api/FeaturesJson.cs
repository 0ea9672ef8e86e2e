using System.Text.Json;
using Tributary.PromQL.Evaluation;
using Tributary.PromQL.Syntax;

namespace Tributary.Api;

/// <summary>The data of <c>/api/v1/features</c>: Prometheus' names, each with whether this server has it.</summary>
internal static class FeaturesJson
{
    private static readonly string[] Modifiers =
    [
        "at_modifier",
        "bool",
        "by",
        "group_left",
        "group_right",
        "ignoring",
        "negative_offset",
        "offset",
        "on",
        "per_query_lookback_delta",
        "subqueries",
        "without",
    ];

    private static readonly string[] MatchSymbols = ["!=", "!~", "=~", "@"];

    /// <summary>What does not depend on settings, by category; names of Prometheus that stand nowhere are false, too.</summary>
    private static readonly (string Category, string Name, bool IsOn)[] Fixed =
    [
        ("api", "exclude_alerts", true),
        ("api", "label_values_match", true),
        ("api", "lifecycle", true),
        ("api", "openapi_3.1", false),
        ("api", "openapi_3.2", false),
        ("api", "otlp_write_receiver", false),
        ("api", "query_stats", true),
        ("api", "query_warnings", true),
        ("api", "search", false),
        ("api", "search_fuzz_alg_jarowinkler", false),
        ("api", "search_fuzz_alg_subsequence", false),
        ("api", "time_range_labels", true),
        ("api", "time_range_series", true),
        ("otlp_receiver", "delta_conversion", false),
        ("otlp_receiver", "native_delta_ingestion", false),
        ("prometheus", "agent_mode", false),
        ("prometheus", "auto_reload_config", true),
        ("prometheus", "server_mode", true),
        ("prometheus", "stringlabels", false),
        ("rules", "concurrent_rule_eval", false),
        ("rules", "keep_firing_for", true),
        ("rules", "query_offset", true),
        ("scrape", "extra_scrape_metrics", true),
        ("scrape", "start_timestamp_zero_ingestion", false),
        ("scrape", "type_and_unit_labels", false),
        ("service_discovery_providers", "file", true),
        ("service_discovery_providers", "http", true),
        ("service_discovery_providers", "static", true),
        ("tsdb", "delayed_compaction", false),
        ("tsdb", "exemplar_storage", false),
        ("tsdb", "histograms_st_encoding", false),
        ("tsdb", "isolation", true),
        ("tsdb", "native_histograms", true),
        ("tsdb", "st_storage", false),
        ("tsdb", "use_uncached_io", false),
        ("tsdb", "xor2_encoding", false),
        ("ui", "ui_v2", false),
        ("ui", "ui_v3", false),
    ];

    /// <summary>Writes the object of categories.</summary>
    /// <param name="json">The output, where the data goes.</param>
    /// <param name="options">The engine's options.</param>
    /// <param name="isAdmin">Whether the admin endpoints are on.</param>
    /// <param name="isReceiving">Whether remote write is received.</param>
    public static void Write(Utf8JsonWriter json, EngineOptions options, bool isAdmin, bool isReceiving)
    {
        var all = Fixed
            .Append(("api", "admin", isAdmin))
            .Append(("api", "remote_write_receiver", isReceiving))
            .Concat(Language(options))
            .GroupBy(feature => feature.Item1, StringComparer.Ordinal)
            .OrderBy(category => category.Key, StringComparer.Ordinal);
        json.WriteStartObject();
        foreach (var category in all)
        {
            json.WriteStartObject(category.Key);
            foreach (var (_, name, isOn) in category.OrderBy(feature => feature.Item2, StringComparer.Ordinal))
            {
                json.WriteBoolean(name, isOn);
            }
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static IEnumerable<(string, string, bool)> Language(EngineOptions options)
    {
        const string modifiers = "promql";
        const string operators = "promql_operators";
        var isExperimental = options.Has(QueryFeatures.ExperimentalFunctions);
        return
        [
            .. Modifiers.Select(name => (modifiers, name, true)),
            (modifiers, "anchored", options.Has(QueryFeatures.ExtendedRangeSelectors)),
            (modifiers, "smoothed", options.Has(QueryFeatures.ExtendedRangeSelectors)),
            (modifiers, "delayed_name_removal", options.Has(QueryFeatures.DelayedNameRemoval)),
            (modifiers, "duration_expr", options.Has(QueryFeatures.DurationExpressions)),
            (modifiers, "fill", options.Has(QueryFeatures.FillModifiers)),
            (modifiers, "fill_left", options.Has(QueryFeatures.FillModifiers)),
            (modifiers, "fill_right", options.Has(QueryFeatures.FillModifiers)),
            (modifiers, "per_step_stats", options.Has(QueryFeatures.PerStepStatistics)),
            (modifiers, "type_and_unit_labels", options.Has(QueryFeatures.TypeAndUnitLabels)),
            .. FunctionSignatures.All.Select(function =>
                ("promql_functions", function.Name, isExperimental || !function.IsExperimental)
            ),
            .. MatchSymbols
                .Concat(Enum.GetValues<BinaryOperator>().Select(value => value.Symbol()))
                .Distinct(StringComparer.Ordinal)
                .Select(symbol => (operators, symbol, true)),
            .. Enum.GetValues<AggregateOperator>()
                .Select(value => (operators, value.Name(), isExperimental || !value.IsExperimental())),
        ];
    }
}
