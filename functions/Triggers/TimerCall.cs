using System.Text.Json;

namespace Tributary.Functions.Triggers;

/// <summary>What the host says when a timer calls.</summary>
/// <param name="IsPastDue">Whether it calls because the time went by while no host ran.</param>
internal sealed record TimerCall(bool IsPastDue)
{
    private const string PastDueName = "IsPastDue";

    /// <summary>Hosts put a text into a text, once or twice.</summary>
    private const int MaxTexts = 2;

    /// <summary>
    /// Reads an envelope, <c>{"Data":{"timer":{…}},"Metadata":{…}}</c>. Nothing in it decides whether to collect, and hosts
    /// write times in ways of their own (without offset, of the year 1): what is not understood is not looked at.
    /// </summary>
    public static TimerCall Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var envelope = JsonDocument.Parse(body);
            return new TimerCall(
                Property(envelope.RootElement, "Data") is { ValueKind: JsonValueKind.Object } data
                    && data.EnumerateObject().Any(binding => IsTimerPastDue(binding.Value, MaxTexts))
            );
        }
        // The latter for half a surrogate pair in a text, which is found when the text is looked at.
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return new TimerCall(IsPastDue: false);
        }
    }

    private static bool IsTimerPastDue(JsonElement timer, int texts)
    {
        if (timer.ValueKind == JsonValueKind.String && texts > 0)
        {
            using var inner = JsonDocument.Parse(timer.GetString()!);
            return IsTimerPastDue(inner.RootElement, texts - 1);
        }
        return Property(timer, PastDueName) switch
        {
            { ValueKind: JsonValueKind.True } => true,
            { ValueKind: JsonValueKind.String } text => string.Equals(
                text.GetString(),
                bool.TrueString,
                StringComparison.OrdinalIgnoreCase
            ),
            _ => false,
        };
    }

    private static JsonElement? Property(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : null;
}
