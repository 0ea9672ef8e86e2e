using System.Text.Json;
using System.Text.RegularExpressions;
using Tributary.PromQL.Syntax;

namespace Tributary.Tests.Unit.Deployment;

/// <summary>A dashboard of Grafana's: its queries, and what is wrong with it.</summary>
internal static partial class DashboardFile
{
    private const string MetricName = "__name__";

    /// <summary>https://grafana.com/docs/grafana/latest/dashboards/variables/add-template-variables/#global-variables.</summary>
    private static readonly string[] BuiltIn = ["__rate_interval", "__interval", "__range"];

    /// <summary>What is wrong with it by itself.</summary>
    /// <param name="text">The file's text.</param>
    /// <param name="file">What problems begin with.</param>
    /// <param name="metrics">The names of metrics that there are.</param>
    public static IReadOnlyList<string> Check(string text, string file, IReadOnlySet<string> metrics)
    {
        var problems = new List<string>();
        using var document = JsonDocument.Parse(text);
        var root = document.RootElement;
        var variables = Variables(root).Select(one => one.Name).Concat(BuiltIn).ToHashSet(StringComparer.Ordinal);
        CheckLayout(root, problems);
        foreach (var target in Targets(root))
        {
            var unknown = Variable().Matches(target.Query).Select(match => match.Groups[1].Value).Except(variables);
            problems.AddRange(unknown.Select(name => $"'{target.Panel}': there is no variable {name}"));
            CheckQuery($"'{target.Panel}'", WithoutVariables(target.Query, "1m"), metrics, problems);
        }
        foreach (var (name, query) in Variables(root))
        {
            var match = LabelValues().Match(query);
            if (!match.Success)
            {
                problems.Add($"variable {name}: '{query}' is not label_values(SERIES, LABEL)");
                continue;
            }
            CheckQuery($"variable {name}", match.Groups[1].Value, metrics, problems);
        }
        return [.. problems.Select(problem => $"{file}: {problem}")];
    }

    /// <summary>Whether every panel and variable asks one of these data sources.</summary>
    public static IReadOnlyList<string> CheckSource(string text, string file, IReadOnlyCollection<string?> uids)
    {
        using var document = JsonDocument.Parse(text);
        return
        [
            .. Sources(document.RootElement)
                .Where(uid => !uids.Contains(uid))
                .Distinct(StringComparer.Ordinal)
                .Select(uid => $"{file}: there is no data source with the uid '{uid}'"),
        ];
    }

    /// <summary>Every query with the panel that it is of, and the labels that its legend shows.</summary>
    public static IReadOnlyList<(string Panel, string Query, IReadOnlyList<string> Labels)> Queries(string text)
    {
        using var document = JsonDocument.Parse(text);
        return [.. Targets(document.RootElement)];
    }

    /// <summary>The query with all that variables can stand for.</summary>
    public static string WithoutVariables(string query, string interval) =>
        Variable()
            .Replace(
                query,
                match => match.Groups[1].ValueSpan.StartsWith("__", StringComparison.Ordinal) ? interval : ".*"
            );

    private static void CheckLayout(JsonElement root, List<string> problems)
    {
        var ids = new HashSet<int>();
        var taken = new HashSet<(int X, int Y)>();
        foreach (var panel in root.GetProperty("panels").EnumerateArray())
        {
            var title = panel.GetProperty("title").GetString();
            if (!ids.Add(panel.GetProperty("id").GetInt32()))
            {
                problems.Add($"'{title}': its id is another panel's");
            }
            var place = panel.GetProperty("gridPos");
            var cells =
                from x in Enumerable.Range(place.GetProperty("x").GetInt32(), place.GetProperty("w").GetInt32())
                from y in Enumerable.Range(place.GetProperty("y").GetInt32(), place.GetProperty("h").GetInt32())
                select (x, y);
            if (!cells.All(taken.Add))
            {
                problems.Add($"'{title}': stands where another panel is");
            }
            if (panel.GetProperty("type").GetString() != "row" && !panel.TryGetProperty("targets", out _))
            {
                problems.Add($"'{title}': asks nothing");
            }
        }
    }

    private static void CheckQuery(string where, string query, IReadOnlySet<string> metrics, List<string> problems)
    {
        try
        {
            var expression = QueryParser.Parse(query, ParserOptions.Stable);
            problems.AddRange(
                UnknownMetrics(expression, metrics).Select(name => $"{where}: there is no metric '{name}'")
            );
        }
        catch (ParseException exception)
        {
            problems.Add($"{where}: {query}: {exception.Message}");
        }
    }

    /// <summary>The metrics that an expression asks for and that are not among those that there are.</summary>
    public static IEnumerable<string?> UnknownMetrics(Expression expression, IReadOnlySet<string> metrics) =>
        Selectors(expression).Select(NameOf).Where(name => name is null || !metrics.Contains(name));

    private static IEnumerable<SelectorExpression> Selectors(Expression expression) =>
        expression is SelectorExpression selector ? [selector] : expression.Children.SelectMany(Selectors);

    private static string? NameOf(SelectorExpression selector) =>
        selector.Name
        ?? selector
            .Selector.Matchers.Where(matcher => matcher.Name == MetricName && matcher.Operator == MatchOperator.Equal)
            .Select(matcher => matcher.Value)
            .FirstOrDefault();

    private static IEnumerable<(string Panel, string Query, IReadOnlyList<string> Labels)> Targets(JsonElement root) =>
        from panel in root.GetProperty("panels").EnumerateArray()
        where panel.TryGetProperty("targets", out _)
        from target in panel.GetProperty("targets").EnumerateArray()
        let legend = target.TryGetProperty("legendFormat", out var format) ? format.GetString()! : ""
        select (
            panel.GetProperty("title").GetString()!,
            target.GetProperty("expr").GetString()!,
            (IReadOnlyList<string>)[.. LegendLabel().Matches(legend).Select(match => match.Groups[1].Value)]
        );

    private static IEnumerable<(string Name, string Query)> Variables(JsonElement root) =>
        from variable in root.GetProperty("templating").GetProperty("list").EnumerateArray()
        select (
            variable.GetProperty("name").GetString()!,
            variable.GetProperty("query").GetProperty("query").GetString()!
        );

    /// <summary>The uid of every <c>datasource</c>, however deep.</summary>
    private static IEnumerable<string> Sources(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Object => element
                .EnumerateObject()
                .SelectMany(field =>
                    field.NameEquals("datasource")
                        ? [field.Value.GetProperty("uid").GetString()!]
                        : Sources(field.Value)
                ),
            JsonValueKind.Array => element.EnumerateArray().SelectMany(Sources),
            _ => [],
        };

    [GeneratedRegex(@"\$\{?(\w+)\}?", RegexOptions.NonBacktracking)]
    private static partial Regex Variable();

    [GeneratedRegex(@"^label_values\((.+), (\w+)\)$", RegexOptions.NonBacktracking)]
    private static partial Regex LabelValues();

    [GeneratedRegex(@"\{\{\s*(\w+)\s*\}\}", RegexOptions.NonBacktracking)]
    private static partial Regex LegendLabel();
}
