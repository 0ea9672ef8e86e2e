using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tributary.Tests.EndToEnd.Hosting;

/// <summary>
/// The JSON that the host posts to a handler: objects as they are; every string, number and list as a string with its JSON
/// text in it, so that strings are encoded twice.
/// </summary>
internal static class Envelope
{
    /// <summary>What a timer without a past has.</summary>
    public const string NoTime = "0001-01-01T00:00:00";

    private const string Time = "yyyy-MM-ddTHH:mm:ss.fffffffzzz";

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The body for a timer.</summary>
    public static byte[] OfTimer(FunctionJson function, TimerTrigger trigger, TimerCall call) =>
        Write(json =>
        {
            json.WriteStartObject("Data");
            json.WriteStartObject(trigger.Binding);
            json.WriteStartObject("Schedule");
            json.WriteBoolean("AdjustForDST", true);
            json.WriteEndObject();
            if (call.Status is { } status)
            {
                json.WriteStartObject("ScheduleStatus");
                json.WriteString("Last", Stamp(status.Last));
                json.WriteString("Next", Stamp(status.Next));
                json.WriteString("LastUpdated", Stamp(status.LastUpdated));
                json.WriteEndObject();
            }
            else
            {
                json.WriteNull("ScheduleStatus");
            }
            json.WriteBoolean("IsPastDue", call.IsPastDue);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteStartObject("Metadata");
            if (call.Retry is { } retry)
            {
                json.WriteStartObject("RetryContext");
                json.WriteNumber("RetryCount", retry.Count);
                json.WriteNumber("MaxRetryCount", retry.Max);
                json.WriteString("Exception", retry.Error);
                json.WriteEndObject();
            }
            WriteSys(json, function);
            json.WriteEndObject();
        });

    /// <summary>The body for a message of a queue; the properties of one that is JSON are in its metadata too.</summary>
    public static byte[] OfQueue(FunctionJson function, QueueTrigger trigger, string message, int dequeueCount = 1) =>
        Write(json =>
        {
            json.WriteStartObject("Data");
            json.WriteString(
                trigger.Binding,
                trigger.IsBinary ? Convert.ToBase64String(Encoding.UTF8.GetBytes(message)) : Quoted(message)
            );
            json.WriteEndObject();
            json.WriteStartObject("Metadata");
            var now = DateTimeOffset.UtcNow;
            json.WriteString("DequeueCount", dequeueCount.ToString(CultureInfo.InvariantCulture));
            json.WriteString("ExpirationTime", WholeSeconds(now.AddDays(7)));
            json.WriteString("Id", Quoted(Guid.NewGuid().ToString()));
            json.WriteString("InsertionTime", WholeSeconds(now));
            json.WriteString("NextVisibleTime", WholeSeconds(now.AddMinutes(10)));
            json.WriteString("PopReceipt", Quoted("AgAAAAMAAAAAAAAA"));
            foreach (var (name, value) in PropertiesOf(message))
            {
                json.WriteString(name, Quoted(value));
            }
            WriteSys(json, function);
            json.WriteEndObject();
        });

    private static byte[] Write(Action<Utf8JsonWriter> content)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Relaxed))
        {
            json.WriteStartObject();
            content(json);
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }

    private static void WriteSys(Utf8JsonWriter json, FunctionJson function)
    {
        json.WriteStartObject("sys");
        json.WriteString("MethodName", function.Name);
        json.WriteString("UtcNow", DateTime.UtcNow.ToString("O", CultureInfo.InvariantCulture));
        json.WriteString("RandGuid", Guid.NewGuid().ToString());
        json.WriteEndObject();
    }

    /// <summary>A string as JSON, with its quotes.</summary>
    private static string Quoted(string text) => $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"";

    private static IEnumerable<(string Name, string Value)> PropertiesOf(string message)
    {
        if (!message.StartsWith('{'))
        {
            return [];
        }
        using var document = JsonDocument.Parse(message);
        return
        [
            .. document
                .RootElement.EnumerateObject()
                .Where(property => !property.Name.EndsWith("trigger", StringComparison.OrdinalIgnoreCase))
                .Select(property => (property.Name, property.Value.ToString())),
        ];
    }

    private static string Stamp(DateTime? utc) =>
        utc is { } time ? new DateTimeOffset(time, TimeSpan.Zero).ToString(Time, CultureInfo.InvariantCulture) : NoTime;

    private static string WholeSeconds(DateTimeOffset time) =>
        time.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture);
}

/// <summary>What a timer's call says of itself.</summary>
internal sealed record TimerCall
{
    /// <summary>Null without monitor.</summary>
    public TimerStatus? Status { get; init; }

    public bool IsPastDue { get; init; }

    /// <summary>Of a call that is repeated by a retry policy.</summary>
    public (int Count, int Max, string Error)? Retry { get; init; }
}

/// <summary>What the host notes of a timer, in UTC; null is never.</summary>
internal sealed record TimerStatus(DateTime? Last, DateTime Next, DateTime? LastUpdated);
