using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Tributary.PromQL.Evaluation;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.Tests.Unit.Conformance;

/// <summary>The queries of the PromQL compliance tester, as range queries over the data set of <c>http-api</c>.</summary>
public sealed class PromqlComplianceConformanceTests
{
    private const double Tolerance = 1e-5;
    private const string AnyLabelName = "3.x takes any UTF-8 text as a label name; the query must not fail";

    /// <summary>Where 3.14 and the recorded 2.42 are known not to agree, and why; the answer then only must not be an error.</summary>
    private static readonly Dictionary<string, string> Exceptions = new(StringComparer.Ordinal)
    {
        ["""label_replace(demo_num_cpus, "~invalid", "", "src", "(.*)")"""] = AnyLabelName,
        ["""label_join(demo_num_cpus, "~invalid", "-", "instance")"""] = AnyLabelName,
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Compliance_RecordedQueries_AreAnsweredAlike()
    {
        const string folder = "promql-compliance";
        var path = ConformanceData.PathOf(folder + "/expected-2.42.jsonl.gz");
        if (!File.Exists(path))
        {
            ConformanceData.Report(folder, 0, []);
            return;
        }
        using var store = await HttpApiDataSet.StoreAsync();
        var source = new StoreSource(store);
        using var engine = new QueryEngine(source, new EngineOptions(), TimeProvider.System);
        using var grid = JsonDocument.Parse(
            await File.ReadAllTextAsync(ConformanceData.PathOf(folder + "/grid.json"), Token)
        );
        var problems = new List<string>();
        var cases = Lines(path);
        foreach (var recorded in cases)
        {
            if (await JudgeAsync(engine, grid.RootElement, recorded) is { } problem)
            {
                problems.Add($"{recorded.GetProperty("query")}: {problem}");
            }
        }
        ConformanceData.Report(folder, cases.Count - problems.Count, problems);
    }

    private static async Task<string?> JudgeAsync(QueryEngine engine, JsonElement grid, JsonElement recorded)
    {
        var query = recorded.GetProperty("query").GetString()!;
        var mustFail = !Exceptions.ContainsKey(query) && recorded.GetProperty("status").GetInt32() != 200;
        QueryResult result;
        try
        {
            result = await engine.RangeAsync(
                query,
                grid.GetProperty("start").GetInt64() * 1000,
                grid.GetProperty("end").GetInt64() * 1000,
                grid.GetProperty("step").GetInt64() * 1000,
                QueryOptions.Default,
                Token
            );
        }
        catch (Exception exception) when (exception is ParseException or QueryException)
        {
            return mustFail ? null : exception.Message;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return $"{exception.GetType().Name}: {exception.Message}";
        }
        if (mustFail)
        {
            return "there is an answer, but there must be an error";
        }
        return Exceptions.ContainsKey(query) ? null : Compare(recorded.GetProperty("result"), result);
    }

    private static string? Compare(JsonElement recorded, QueryResult result)
    {
        var found = result.Series.ToDictionary(
            series => KeyOf(series.Labels.Labels.ToArray().Select(label => (label.Name, label.Value))),
            StringComparer.Ordinal
        );
        var wanted = recorded.EnumerateArray().ToList();
        if (wanted.Count != found.Count)
        {
            return $"{wanted.Count} series expected, {found.Count} found";
        }
        foreach (var series in wanted)
        {
            var key = KeyOf(
                series.GetProperty("metric").EnumerateObject().Select(label => (label.Name, label.Value.GetString()!))
            );
            if (!found.TryGetValue(key, out var actual))
            {
                return $"no series {key}";
            }
            var values = series.GetProperty("values").EnumerateArray().ToList();
            for (var i = 0; i < values.Count; i++)
            {
                if (!AreEqual(values[i], actual.Values.Span[i]))
                {
                    return FormattableString.Invariant(
                        $"{key} step {i}: {values[i]} expected, {actual.Values.Span[i]:R} found"
                    );
                }
            }
        }
        return null;
    }

    private static bool AreEqual(JsonElement recorded, double actual)
    {
        if (recorded.ValueKind is JsonValueKind.Null || Absent.Is(actual))
        {
            return recorded.ValueKind is JsonValueKind.Null && Absent.Is(actual);
        }
        var text = recorded.GetString()!;
        var expected = text switch
        {
            "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            _ => double.Parse(text, CultureInfo.InvariantCulture),
        };
        return expected.Equals(actual)
            || expected == actual
            || Math.Abs(expected - actual) <= Tolerance * Math.Max(Math.Abs(expected), Math.Abs(actual));
    }

    private static string KeyOf(IEnumerable<(string Name, string Value)> labels) =>
        string.Join(", ", labels.OrderBy(label => label.Name, StringComparer.Ordinal));

    private static List<JsonElement> Lines(string path)
    {
        using var gzip = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var reader = new StreamReader(gzip, Encoding.UTF8);
        var lines = new List<JsonElement>();
        while (reader.ReadLine() is { } line)
        {
            using var document = JsonDocument.Parse(line);
            lines.Add(document.RootElement.Clone());
        }
        return lines;
    }
}
