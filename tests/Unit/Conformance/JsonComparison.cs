using System.Globalization;
using System.Text.Json;

namespace Tributary.Tests.Unit.Conformance;

/// <summary>Compares JSON answers of the API: whole, or only their members and types.</summary>
internal sealed record JsonComparison
{
    private const string Result = "/data/result";

    /// <summary>Whether values are free.</summary>
    public bool IsShape { get; init; }

    /// <summary>Whether an object may have members that the expected one does not have.</summary>
    public bool AllowsMore { get; init; }

    /// <summary>Whether the order of series counts.</summary>
    public bool IsOrdered { get; init; }

    /// <summary>Whether the order of the other lists does not count.</summary>
    public bool IsUnordered { get; init; }

    /// <summary>By how much values of samples may differ, relative to their size.</summary>
    public double Tolerance { get; init; } = 1e-9;

    /// <summary>The places of objects whose members are data; each must look as the expected first one.</summary>
    public string[] Maps { get; init; } = [];

    /// <summary>Places that are not compared; <c>*</c> is any index.</summary>
    public string[] Ignored { get; init; } = [];

    /// <summary>Texts of which only counts whether they are empty.</summary>
    public string[] Presence { get; init; } = [];

    /// <summary>The first difference, or null.</summary>
    public string? Find(JsonElement expected, JsonElement actual, string place = "")
    {
        if (Ignored.Contains(place, StringComparer.Ordinal))
        {
            return null;
        }
        if (KindOf(expected) != KindOf(actual))
        {
            return Difference(expected, actual, place);
        }
        return expected.ValueKind switch
        {
            JsonValueKind.Object when Maps.Contains(place, StringComparer.Ordinal) => FindInMap(
                expected,
                actual,
                place
            ),
            JsonValueKind.Object => FindInObject(expected, actual, place),
            JsonValueKind.Array => FindInArray(expected, actual, place),
            JsonValueKind.String when Presence.Contains(place, StringComparer.Ordinal) => (
                expected.GetString()!.Length == 0
            ) == (actual.GetString()!.Length == 0)
                ? null
                : Difference(expected, actual, place),
            _ when IsShape || AreEqual(expected, actual, place) => null,
            _ => Difference(expected, actual, place),
        };
    }

    private string? FindInObject(JsonElement expected, JsonElement actual, string place)
    {
        foreach (var member in expected.EnumerateObject())
        {
            var inner = $"{place}/{member.Name}";
            var problem =
                actual.TryGetProperty(member.Name, out var value) ? Find(member.Value, value, inner)
                : Ignored.Contains(inner, StringComparer.Ordinal) ? null
                : $"{inner} is missing";
            if (problem is not null)
            {
                return problem;
            }
        }
        return AllowsMore || Count(expected, place) == Count(actual, place)
            ? null
            : $"{place}: there are other members in {actual.GetRawText()}";
    }

    /// <summary>Answers may have warnings that the recorded ones do not have.</summary>
    private static int Count(JsonElement element, string place) =>
        element.EnumerateObject().Count(member => place.Length > 0 || member.Name is not ("warnings" or "infos"));

    private string? FindInMap(JsonElement expected, JsonElement actual, string place)
    {
        var form = expected.EnumerateObject().First().Value;
        return actual.GetPropertyCount() == 0
            ? $"{place} is empty"
            : actual
                .EnumerateObject()
                .Select(member => Find(form, member.Value, $"{place}/*"))
                .FirstOrDefault(problem => problem is not null);
    }

    private string? FindInArray(JsonElement expected, JsonElement actual, string place)
    {
        var count = expected.GetArrayLength();
        if (!IsShape)
        {
            if (count != actual.GetArrayLength())
            {
                return Difference(expected, actual, place);
            }
            var (wanted, found) = (expected.EnumerateArray().ToList(), actual.EnumerateArray().ToList());
            if (!IsOrdered && count > 0 && (IsUnordered || IsSeries(place, wanted[0])))
            {
                (wanted, found) = (
                    [.. wanted.OrderBy(KeyOf, StringComparer.Ordinal)],
                    [.. found.OrderBy(KeyOf, StringComparer.Ordinal)]
                );
            }
            return wanted
                .Zip(found)
                .Select((pair, i) => Find(pair.First, pair.Second, $"{place}/{Step(place, i)}"))
                .FirstOrDefault(problem => problem is not null);
        }
        if (count > 0 && actual.GetArrayLength() == 0)
        {
            return $"{place} is empty";
        }
        return count == 0
            ? null
            : actual
                .EnumerateArray()
                .Select(item => Find(expected[0], item, $"{place}/*"))
                .FirstOrDefault(problem => problem is not null);
    }

    /// <summary>Lists that have a star in a place to be ignored lose their indexes.</summary>
    private string Step(string place, int index) =>
        Ignored.Any(ignored => ignored.StartsWith(place + "/*", StringComparison.Ordinal))
            ? "*"
            : index.ToString(CultureInfo.InvariantCulture);

    private static bool IsSeries(string place, JsonElement item) =>
        place is Result && item.ValueKind is JsonValueKind.Object && item.TryGetProperty("metric", out _);

    private static string KeyOf(JsonElement item)
    {
        var key =
            item.ValueKind is JsonValueKind.Object && item.TryGetProperty("metric", out var metric) ? metric
            : item.ValueKind is JsonValueKind.Object && item.TryGetProperty("labels", out var labels) ? labels
            : item;
        return key.ValueKind is not JsonValueKind.Object
            ? key.GetRawText()
            : string.Join(
                '\n',
                key.EnumerateObject()
                    .OrderBy(member => member.Name, StringComparer.Ordinal)
                    .Select(member =>
                        $"{member.Name}={(member.Value.ValueKind is JsonValueKind.String ? member.Value.GetString() : member.Value.GetRawText())}"
                    )
            );
    }

    /// <summary>Values of samples are texts of floats; times are numbers to a millisecond.</summary>
    private bool AreEqual(JsonElement expected, JsonElement actual, string place)
    {
        if (JsonElement.DeepEquals(expected, actual))
        {
            return true;
        }
        if (!place.StartsWith(Result + "/", StringComparison.Ordinal))
        {
            return false;
        }
        if (expected.ValueKind is JsonValueKind.Number)
        {
            return Math.Abs(expected.GetDouble() - actual.GetDouble()) < 0.001;
        }
        return expected.ValueKind is JsonValueKind.String
            && !place.Contains("/metric/", StringComparison.Ordinal)
            && TryValue(expected, out var one)
            && TryValue(actual, out var other)
            && Math.Abs(one - other) <= Tolerance * Math.Max(Math.Abs(one), Math.Abs(other));
    }

    private static bool TryValue(JsonElement text, out double value) =>
        double.TryParse(text.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    private static string Difference(JsonElement expected, JsonElement actual, string place) =>
        $"{place}: expected {Shortened(expected)}, got {Shortened(actual)}";

    private static string Shortened(JsonElement element)
    {
        var text = element.GetRawText();
        return text.Length <= 600 ? text : text[..600] + "…";
    }

    private static JsonValueKind KindOf(JsonElement element) =>
        element.ValueKind is JsonValueKind.False ? JsonValueKind.True : element.ValueKind;
}
