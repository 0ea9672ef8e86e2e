using System.Globalization;
using System.Text;
using System.Xml;
using Tributary.Rules.Testing;

namespace Tributary.Functions.Serving;

/// <summary>Results of tests in the form that build servers read.</summary>
internal static class JUnitText
{
    private static readonly XmlWriterSettings Settings = new() { Async = true, Indent = true };

    /// <summary>Writes a suite per file and a case per test.</summary>
    public static async Task WriteAsync(Stream output, IReadOnlyList<(string File, RuleTestOutcome Outcome)> outcomes)
    {
        var xml = XmlWriter.Create(output, Settings);
        await using (xml.ConfigureAwait(false))
        {
            await xml.WriteStartElementAsync(null, "testsuites", null);
            foreach (var (file, outcome) in outcomes)
            {
                await WriteAsync(xml, file, outcome.Results);
            }
            await xml.WriteEndElementAsync();
        }
    }

    private static async Task WriteAsync(XmlWriter xml, string file, IReadOnlyList<RuleTestResult> results)
    {
        await xml.WriteStartElementAsync(null, "testsuite", null);
        await AttributeAsync(xml, "name", file);
        await AttributeAsync(xml, "tests", Number(results.Count(result => result.Name.Length > 0)));
        await AttributeAsync(
            xml,
            "failures",
            Number(results.Count(result => result.Name.Length > 0 && result.Problems.Count > 0))
        );
        await AttributeAsync(xml, "errors", Number(results.Count(result => result.Name.Length == 0)));
        foreach (var result in results)
        {
            await xml.WriteStartElementAsync(null, "testcase", null);
            await AttributeAsync(xml, "name", result.Name.Length > 0 ? result.Name : file);
            await AttributeAsync(
                xml,
                "time",
                result.Took.TotalSeconds.ToString("0.000000", CultureInfo.InvariantCulture)
            );
            foreach (var problem in result.Problems)
            {
                await xml.WriteElementStringAsync(
                    null,
                    result.Name.Length > 0 ? "failure" : "error",
                    null,
                    Clean(problem)
                );
            }
            await xml.WriteEndElementAsync();
        }
        await xml.WriteEndElementAsync();
    }

    private static Task AttributeAsync(XmlWriter xml, string name, string value) =>
        xml.WriteAttributeStringAsync(null, name, null, Clean(value));

    private static string Number(int count) => count.ToString(CultureInfo.InvariantCulture);

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
