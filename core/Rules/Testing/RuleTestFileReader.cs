using System.Globalization;
using Tributary.Configuration.Yaml;
using Tributary.Model;
using Tributary.PromQL.Notation;

namespace Tributary.Rules.Testing;

/// <summary>Reads files of unit tests of rules.</summary>
internal sealed class RuleTestFileReader
{
    private static readonly FieldTable Root = FieldTable.Of(
        "rule_files evaluation_interval group_eval_order tests fuzzy_compare"
    );

    private static readonly FieldTable Test = FieldTable.Of(
        """
        interval input_series alert_rule_test promql_expr_test external_labels external_url name start_timestamp
        """
    );

    private static readonly FieldTable Series = FieldTable.Of("series values");
    private static readonly FieldTable Alert = FieldTable.Of("eval_time alertname exp_alerts");
    private static readonly FieldTable Expected = FieldTable.Of("exp_labels exp_annotations");
    private static readonly FieldTable Query = FieldTable.Of("expr eval_time exp_samples");
    private static readonly FieldTable Sample = FieldTable.Of("labels value histogram");
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromMinutes(1);

    private static readonly string[] TimeFormats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    private readonly ErrorList errors;

    private RuleTestFileReader(ErrorList errors) => this.errors = errors;

    /// <summary>Reads a file.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="file">Its path; those of rule files begin at its folder.</param>
    /// <exception cref="ConfigException">It is not valid; the exception has every error, each with its place.</exception>
    public static RuleTestFile Read(string text, string file)
    {
        var errors = new ErrorList(file);
        var read = new RuleTestFileReader(errors).Read(text);
        errors.ThrowIfAny();
        return read;
    }

    private RuleTestFile Read(string text)
    {
        var node = YamlTree.Read(text.TrimStart('\ufeff'), errors, isOwnFirst: true);
        if (node is null or YamlScalar { IsNull: true } || Section.Open(node, "", errors) is not { } root)
        {
            return new RuleTestFile();
        }
        root.CheckFields(Root);
        var interval =
            root.Duration("evaluation_interval") is { } given && given > TimeSpan.Zero ? given : DefaultInterval;
        return new RuleTestFile
        {
            RuleFiles = [.. root.Texts("rule_files").Select(pattern => errors.PathOf(pattern.Text))],
            EvaluationInterval = interval,
            GroupOrder = ReadOrder(root),
            IsFuzzy = root.Flag("fuzzy_compare", false),
            Tests = [.. Sections(root, "tests", Test).Select(test => ReadTest(test, interval))],
        };
    }

    private static List<string> ReadOrder(Section root)
    {
        var order = new List<string>();
        foreach (var (name, at) in root.Texts("group_eval_order"))
        {
            if (order.Contains(name, StringComparer.Ordinal))
            {
                root.Refuse(at, $"group_eval_order names {Words.Quote(name)} twice");
            }
            order.Add(name);
        }
        return order;
    }

    private static RuleTest ReadTest(Section test, TimeSpan evaluationInterval)
    {
        var interval = test.Duration("interval");
        return new RuleTest
        {
            Name = test.Text("name") ?? "",
            Interval = interval is { } given && given > TimeSpan.Zero ? given : evaluationInterval,
            StartMs = ReadStart(test),
            Series = [.. Sections(test, "input_series", Series).Select(ReadSeries).OfType<SeriesNotation>()],
            Alerts = [.. Sections(test, "alert_rule_test", Alert).Select(ReadAlert)],
            Queries = [.. Sections(test, "promql_expr_test", Query).Select(ReadQuery)],
            ExternalLabels = LabelReader.Read(test, "external_labels", value => value),
            ExternalUrl = test.Text("external_url") ?? "",
        };
    }

    /// <summary>Seconds since the epoch, or RFC 3339.</summary>
    private static long ReadStart(Section test)
    {
        const double MaxSeconds = 1e11;
        const string Field = "start_timestamp";
        if (test.NonEmptyText(Field) is not { } text)
        {
            return 0;
        }
        if (
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
            && Math.Abs(seconds) < MaxSeconds
        )
        {
            return (long)Math.Round(seconds * 1000);
        }
        if (
            DateTimeOffset.TryParseExact(
                text,
                TimeFormats,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out var time
            )
        )
        {
            return time.ToUnixTimeMilliseconds();
        }
        test.Refuse(
            test.Field(Field)!.At,
            $"{Field} {Words.Quote(text)} is no time; write seconds since the epoch or for example 2024-01-01T00:00:00Z"
        );
        return 0;
    }

    private static SeriesNotation? ReadSeries(Section section)
    {
        if (section.NonEmptyText("series") is not { } series)
        {
            section.Refuse(section.At, "series is missing; write for example 'up{job=\"a\"}'");
            return null;
        }
        var values = section.Text("values") ?? "";
        var field = "series";
        try
        {
            var labels = SeriesNotation.ParseLabels(series);
            field = "values";
            return new SeriesNotation(labels, ValueNotation.Parse(values));
        }
        catch (NotationException exception)
        {
            section.Refuse(section.Field(field)?.At ?? section.At, $"{field}: {exception.Message}");
            return null;
        }
    }

    private static AlertTest ReadAlert(Section section)
    {
        if (section.NonEmptyText("alertname") is not { } name)
        {
            section.Refuse(section.At, "alertname is missing: which alert is expected?");
            name = "";
        }
        var alerts = Sections(section, "exp_alerts", Expected)
            .Select(alert =>
                AlertNotation.Of(
                    [.. Labels(alert, "exp_labels", name), new Label(ResultLabels.AlertName, name)],
                    Labels(alert, "exp_annotations", null)
                )
            );
        return new AlertTest(section.Duration("eval_time") ?? TimeSpan.Zero, name, [.. alerts]);
    }

    /// <summary>Labels, of which one may be that of the alert, which is set anyway.</summary>
    private static List<Label> Labels(Section alert, string field, string? name)
    {
        var labels = new List<Label>();
        foreach (var entry in alert.Map(field))
        {
            if (
                alert.TextOf(entry.Value, $"{field}: {Words.Clean(entry.Key)}") is { } value
                && (name is null || entry.Key is not ResultLabels.AlertName)
            )
            {
                labels.Add(new Label(entry.Key, value));
            }
        }
        return labels;
    }

    private static QueryTest ReadQuery(Section section)
    {
        if (section.NonEmptyText("expr") is not { } query)
        {
            section.Refuse(section.At, "expr is missing: which query is asked?");
            query = "";
        }
        var samples = Sections(section, "exp_samples", Sample)
            .Select(sample => new SampleNotation(
                sample.Text("labels") ?? "",
                sample.Number("value") ?? 0,
                sample.Text("histogram") ?? ""
            ));
        return new QueryTest(section.Duration("eval_time") ?? TimeSpan.Zero, query, [.. samples]);
    }

    private static List<Section> Sections(Section parent, string field, FieldTable fields)
    {
        var sections = new List<Section>();
        foreach (var node in parent.List(field))
        {
            // An item that is nothing has no fields, and needs none in some lists.
            var mapping = node is YamlScalar { IsNull: true } ? new YamlMapping([], node.At, 1) : node;
            if (Section.Open(mapping, parent.Below(field), parent.Errors) is { } section)
            {
                section.CheckFields(fields);
                sections.Add(section);
            }
        }
        return sections;
    }
}
