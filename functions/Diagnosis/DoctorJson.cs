using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Serving;

namespace Tributary.Functions.Diagnosis;

/// <summary>What <c>tributary doctor --json</c> prints.</summary>
internal static class DoctorJson
{
    private static readonly JsonWriterOptions Layout = new()
    {
        Indented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The document.</summary>
    /// <param name="reports">What was found.</param>
    /// <param name="settings">What was looked at; null when that could not be found out.</param>
    public static string Write(IReadOnlyList<CheckReport> reports, Settings? settings)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Layout))
        {
            json.WriteStartObject();
            json.WriteString("version"u8, ServeCommand.Version);
            json.WriteString("storage"u8, settings?.StorageText);
            json.WriteString("configuration"u8, settings?.ConfigText);
            foreach (var kind in Enum.GetValues<FindingKind>())
            {
                json.WriteNumber(
                    DoctorText.NameOf(kind),
                    reports.Sum(report => report.Findings.Count(finding => finding.Kind == kind))
                );
            }
            json.WriteStartArray("checks"u8);
            foreach (var report in reports)
            {
                Write(json, report);
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static void Write(Utf8JsonWriter json, CheckReport report)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, report.Name);
        json.WriteNumber("seconds"u8, Math.Round(report.Duration.TotalSeconds, 3));
        json.WriteStartArray("findings"u8);
        foreach (var finding in report.Findings)
        {
            json.WriteStartObject();
            json.WriteString("kind"u8, DoctorText.NameOf(finding.Kind));
            json.WriteString("text"u8, finding.Text);
            if (finding.Advice.Length > 0)
            {
                json.WriteString("advice"u8, finding.Advice);
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
