using System.Globalization;
using System.Text.Json;
using Tributary.Model;
using Tributary.Templates;

namespace Tributary.Tests.Unit.Conformance;

/// <summary>Annotations of alerts as a Prometheus has expanded them.</summary>
public sealed class TemplateConformanceTests
{
    [Fact]
    public void Annotations_OfRecordedAlerts_AreTheSame()
    {
        var exchange = ConformanceData
            .Lines("http-api/exchanges-live.jsonl")
            .Where(line => line.GetProperty("id").GetString() is "live/rules")
            .Select(line => line.GetProperty("response").GetProperty("body").GetString()!);
        var alerts = exchange.SelectMany(Alerts).ToList();
        ConformanceData.Run("http-api (annotations)", alerts, Judge);
    }

    private static IEnumerable<(JsonElement Rule, JsonElement Alert)> Alerts(string body)
    {
        using var document = JsonDocument.Parse(body);
        return
        [
            .. document
                .RootElement.Clone()
                .GetProperty("data")
                .GetProperty("groups")
                .EnumerateArray()
                .SelectMany(group => group.GetProperty("rules").EnumerateArray())
                .Where(rule => rule.TryGetProperty("alerts", out _))
                .SelectMany(rule => rule.GetProperty("alerts").EnumerateArray().Select(alert => (rule, alert))),
        ];
    }

    private static string? Judge((JsonElement Rule, JsonElement Alert) item)
    {
        var labels = item.Alert.GetProperty("labels").EnumerateObject();
        var context = new TemplateContext
        {
            Labels = LabelSet.Of(labels.Select(label => new Label(label.Name, label.Value.GetString()!))),
            ExternalLabels = LabelSet.Of("monitor", "golden-live"),
            Value = double.Parse(item.Alert.GetProperty("value").GetString()!, CultureInfo.InvariantCulture),
            // The one query of the recorded rules, and what the recorded server had for it.
            Query = (query, _) =>
                query is "app_untyped_value"
                    ? new([new TemplateSample(LabelSet.Of("__name__", "app_untyped_value"), 7)])
                    : throw new InvalidOperationException($"unknown query: {query}"),
        };
        var name = $"__alert_{item.Rule.GetProperty("name").GetString()}";
        var expected = item.Alert.GetProperty("annotations");
        foreach (var annotation in item.Rule.GetProperty("annotations").EnumerateObject())
        {
            var wanted = expected.GetProperty(annotation.Name).GetString();
            var got = Expand(annotation.Value.GetString()!, name, context);
            if (got != wanted)
            {
                return $"{name} {annotation.Name}: expected {wanted}, got {got}";
            }
        }
        return null;
    }

    private static string Expand(string text, string name, TemplateContext context)
    {
        try
        {
            var expanded = Template.Parse(text, name).ExpandAsync(context, TestContext.Current.CancellationToken);
            return expanded.AsTask().GetAwaiter().GetResult();
        }
        catch (TemplateException exception)
        {
            return $"<error expanding template: {exception.Message}>";
        }
    }
}
