using System.Globalization;
using System.Text;
using System.Xml;
using Tributary.Rules.Testing;

namespace Tributary.Functions.Serving;

/// <summary>Results of tests in the form that build servers read.</summary>
/// <remarks>
/// There is no one schema: what is written has what any of them demands (a class name, a kind and a message of failures), and one
/// failure for a test, because build servers show only one.
/// </remarks>
internal static class JUnitText
{
    private const string Failure = "failure";
    private const string Error = "error";
    private static readonly XmlWriterSettings Settings = new() { Async = true, Indent = true };

    /// <summary>Writes a suite per file and a case per test.</summary>
    public static async Task WriteAsync(Stream output, IReadOnlyList<(string File, RuleTestOutcome Outcome)> outcomes)
    {
        var xml = XmlWriter.Create(output, Settings);
        await using (xml.ConfigureAwait(false))
        {
            await xml.WriteStartElementAsync(null, "testsuites", null);
            await CountsAsync(xml, [.. outcomes.SelectMany(one => one.Outcome.Results)]);
            foreach (var (file, outcome) in outcomes)
            {
                await xml.WriteStartElementAsync(null, "testsuite", null);
                await AttributeAsync(xml, "name", file);
                await CountsAsync(xml, outcome.Results);
                await AttributeAsync(xml, "skipped", Number(0));
                foreach (var result in outcome.Results)
                {
                    await WriteAsync(xml, file, result);
                }
                await xml.WriteEndElementAsync();
            }
            await xml.WriteEndElementAsync();
        }
    }

    private static async Task WriteAsync(XmlWriter xml, string file, RuleTestResult result)
    {
        await xml.WriteStartElementAsync(null, "testcase", null);
        await AttributeAsync(xml, "name", IsOfFile(result) ? file : result.Name);
        await AttributeAsync(xml, "classname", file);
        await AttributeAsync(xml, "time", Seconds(result.Took));
        if (result.Problems.Count > 0)
        {
            var kind = IsOfFile(result) ? Error : Failure;
            await xml.WriteStartElementAsync(null, kind, null);
            await AttributeAsync(xml, "message", result.Problems[0].Trim().Split('\n')[0]);
            await AttributeAsync(xml, "type", kind);
            await xml.WriteStringAsync(Clean(string.Join("\n\n", result.Problems)));
            await xml.WriteEndElementAsync();
        }
        await xml.WriteEndElementAsync();
    }

    private static async Task CountsAsync(XmlWriter xml, IReadOnlyList<RuleTestResult> results)
    {
        var failed = results.Where(result => result.Problems.Count > 0).ToList();
        await AttributeAsync(xml, "tests", Number(results.Count));
        await AttributeAsync(xml, "failures", Number(failed.Count(result => !IsOfFile(result))));
        await AttributeAsync(xml, "errors", Number(failed.Count(IsOfFile)));
        await AttributeAsync(xml, "time", Seconds(TimeSpan.FromTicks(results.Sum(result => result.Took.Ticks))));
    }

    /// <summary>Whether a result is of a file that is not valid, so that no test of it ran.</summary>
    private static bool IsOfFile(RuleTestResult result) => result.Name.Length == 0;

    private static Task AttributeAsync(XmlWriter xml, string name, string value) =>
        xml.WriteAttributeStringAsync(null, name, null, Clean(value));

    private static string Number(int count) => count.ToString(CultureInfo.InvariantCulture);

    private static string Seconds(TimeSpan time) =>
        time.TotalSeconds.ToString("0.000000", CultureInfo.InvariantCulture);

    /// <summary>XML has no place for most control characters.</summary>
    private static string Clean(string text)
    {
        var output = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            var isAllowed = rune.Value > char.MaxValue || XmlConvert.IsXmlChar((char)rune.Value);
            output.Append(isAllowed ? rune : Rune.ReplacementChar);
        }
        return output.ToString();
    }
}
