using Tributary.Model;
using static Tributary.Templates.TemplateParameter;

namespace Tributary.Templates;

/// <summary>The functions of Go's template language and Prometheus' own.</summary>
/// <remarks>
/// https://pkg.go.dev/text/template#hdr-Functions and
/// https://prometheus.io/docs/prometheus/latest/configuration/template_reference/. <c>tmpl</c> is for consoles only: a rule
/// that uses it is refused, as by Prometheus.
/// </remarks>
internal static class TemplateFunctions
{
    /// <summary>Evaluates its arguments only as far as needed.</summary>
    public const string And = "and";

    /// <summary>Evaluates its arguments only as far as needed.</summary>
    public const string Or = "or";

    private static readonly Dictionary<string, TemplateFunction> All = new(StringComparer.Ordinal)
    {
        [And] = Function([Any], Any, (all, _) => all[^1]),
        [Or] = Function([Any], Any, (all, _) => all[^1]),
        ["not"] = Function([Any], null, (all, _) => !GoValue.IsTrue(all[0])),
        ["call"] = Function([Any], Any, (all, _) => CollectionFunctions.Call(all[0])),
        ["len"] = Function([Any], null, (all, _) => CollectionFunctions.Length(all[0])),
        ["index"] = Function([Any], Any, (all, _) => CollectionFunctions.Index(all)),
        ["slice"] = Function([Any], Any, (all, _) => CollectionFunctions.Slice(all)),
        ["print"] = Function([], Any, (all, _) => GoPrintf.Print(all)),
        ["println"] = Function([], Any, (all, _) => GoPrintf.PrintLine(all)),
        ["printf"] = Function([Text], Any, (all, _) => GoPrintf.Format((string)all[0]!, all[1..])),
        ["html"] = Function([], Any, (all, _) => EscapeFunctions.Html(GoPrintf.PrintShown(all))),
        ["js"] = Function([], Any, (all, _) => EscapeFunctions.JavaScript(GoPrintf.PrintShown(all))),
        ["urlquery"] = Function([], Any, (all, _) => EscapeFunctions.Query(GoPrintf.PrintShown(all))),
        ["eq"] = Function([Any], Any, (all, _) => ComparisonFunctions.EqualsAny(all)),
        ["ne"] = Function([Any, Any], null, (all, _) => !ComparisonFunctions.AreEqual(all[0], all[1])),
        ["lt"] = Function([Any, Any], null, (all, _) => ComparisonFunctions.IsLess(all[0], all[1])),
        ["le"] = Function([Any, Any], null, (all, _) => ComparisonFunctions.IsLessOrEqual(all[0], all[1])),
        ["gt"] = Function([Any, Any], null, (all, _) => !ComparisonFunctions.IsLessOrEqual(all[0], all[1])),
        ["ge"] = Function([Any, Any], null, (all, _) => !ComparisonFunctions.IsLess(all[0], all[1])),
        ["query"] = Function([Text], null, (all, environment) => environment.Answers.Of((string)all[0]!)),
        ["first"] = Function([Vector], null, (all, _) => SampleFunctions.First((List<TemplateSample>)all[0]!)),
        ["label"] = Function(
            [Text, TemplateParameter.Sample],
            null,
            (all, _) => SampleFunctions.LabelOf(all[1], (string)all[0]!)
        ),
        ["value"] = Function([TemplateParameter.Sample], null, (all, _) => SampleFunctions.ValueOf(all[0])),
        ["strvalue"] = Function(
            [TemplateParameter.Sample],
            null,
            (all, _) => SampleFunctions.LabelOf(all[0], "__value__")
        ),
        ["sortByLabel"] = Function(
            [Text, Vector],
            null,
            (all, _) => SampleFunctions.Sort((List<TemplateSample>)all[1]!, (string)all[0]!)
        ),
        ["args"] = Function([], Any, (all, _) => CollectionFunctions.Arguments(all)),
        ["humanize"] = Function([Any], null, (all, _) => NumberFunctions.Humanize(all[0])),
        ["humanize1024"] = Function([Any], null, (all, _) => NumberFunctions.Humanize1024(all[0])),
        ["humanizeDuration"] = Function([Any], null, (all, _) => NumberFunctions.HumanizeDuration(all[0])),
        ["humanizePercentage"] = Function([Any], null, (all, _) => NumberFunctions.HumanizePercentage(all[0])),
        ["humanizeTimestamp"] = Function([Any], null, (all, _) => NumberFunctions.HumanizeTimestamp(all[0])),
        ["toTime"] = Function([Any], null, (all, _) => NumberFunctions.ToTime(all[0])),
        ["toDuration"] = Function([Any], null, (all, _) => NumberFunctions.ToDuration(all[0])),
        ["parseDuration"] = Function([Text], null, (all, _) => NumberFunctions.ParseDuration((string)all[0]!)),
        ["now"] = Function([], null, (_, environment) => environment.Context.TimeMs / MsPerSecond),
        ["title"] = Function([Text], null, (all, _) => TextFunctions.Title((string)all[0]!)),
        ["toUpper"] = Function([Text], null, (all, _) => ((string)all[0]!).ToUpperInvariant()),
        ["toLower"] = Function([Text], null, (all, _) => ((string)all[0]!).ToLowerInvariant()),
        ["match"] = Function([Text, Text], null, (all, _) => TextFunctions.Match((string)all[0]!, (string)all[1]!)),
        ["reReplaceAll"] = Function(
            [Text, Text, Text],
            null,
            (all, _) => TextFunctions.Replace((string)all[0]!, (string)all[1]!, (string)all[2]!)
        ),
        ["stripPort"] = Function([Text], null, (all, _) => AddressFunctions.StripPort((string)all[0]!)),
        ["stripDomain"] = Function([Text], null, (all, _) => AddressFunctions.StripDomain((string)all[0]!)),
        ["urlQueryEscape"] = Function([Text], null, (all, _) => EscapeFunctions.Query((string)all[0]!)),
        ["safeHtml"] = Function([Text], null, (all, _) => new GoHtml((string)all[0]!)),
        ["graphLink"] = Function([Text], null, (all, _) => AddressFunctions.Link((string)all[0]!, tab: 0)),
        ["tableLink"] = Function([Text], null, (all, _) => AddressFunctions.Link((string)all[0]!, tab: 1)),
        ["externalURL"] = Function([], null, (_, environment) => environment.Context.ExternalUrl),
        ["pathPrefix"] = Function(
            [],
            null,
            (_, environment) => AddressFunctions.PathOf(environment.Context.ExternalUrl)
        ),
    };

    private const double MsPerSecond = 1000;

    /// <summary>Whether there is a function of a name.</summary>
    public static bool Exists(string name) => All.ContainsKey(name);

    /// <summary>The function of a name that exists.</summary>
    public static TemplateFunction Of(string name) => All[name];

    /// <summary>A method of a value, which is its first argument; null when it has none of that name.</summary>
    public static TemplateFunction? MethodOf(object value, string name) =>
        value switch
        {
            GoTime => TimeMethods.OfTime(name),
            GoDuration => TimeMethods.OfDuration(name),
            GoNamed => TimeMethods.OfNamed(name),
            Histogram when name == "String" => Function([], null, (all, _) => GoValue.Print(all[0])),
            _ => null,
        };

    private static TemplateFunction Function(
        TemplateParameter[] parameters,
        TemplateParameter? rest,
        Func<object?[], TemplateEnvironment, object?> run
    ) => new(parameters, rest, run);
}
