using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Tributary.PromQL.Syntax;

namespace Tributary.Tests.EndToEnd.Sources;

/// <summary>A server with many classic histograms, whose <c>/federate</c> takes long for each series and each selector.</summary>
/// <remarks>The value of every sample is the number of the request, so that a histogram of two requests shows.</remarks>
internal sealed class SlowFederateSource : IAsyncDisposable
{
    private const int BucketsPerFamily = 198;
    private const int NamesPerFamily = 3;
    private const int SeriesPerFamily = BucketsPerFamily + 2;

    private readonly WebApplication application;
    private readonly int families;
    private int requests;
    private int atOnce;
    private int mostAtOnce;

    private SlowFederateSource(WebApplication application, int families) =>
        (this.application, this.families) = (application, families);

    /// <summary>Its <c>host:port</c>.</summary>
    public string Authority { get; private set; } = "";

    /// <summary>All its series.</summary>
    public int SeriesCount => families * SeriesPerFamily;

    /// <summary>The most requests that it had at once.</summary>
    public int MostAtOnce => Volatile.Read(ref mostAtOnce);

    /// <summary>What a request costs for each of its selectors.</summary>
    public static TimeSpan PerSelector => TimeSpan.FromMilliseconds(100);

    /// <summary>What a request costs for each series that it gets.</summary>
    public static TimeSpan PerSeries => TimeSpan.FromMicroseconds(50);

    public static async Task<SlowFederateSource> StartAsync(int families)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var application = builder.Build();
        var source = new SlowFederateSource(application, families);
        application.Run(source.AnswerAsync);
        await application.StartAsync(CancellationToken.None);
        var addresses = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        source.Authority = new Uri(addresses.Addresses.Single()).Authority;
        return source;
    }

    public ValueTask DisposeAsync() => application.DisposeAsync();

    private static string FamilyName(int family) =>
        string.Create(CultureInfo.InvariantCulture, $"{"adhkmprtw"[family % 9]}_request_{family}_seconds");

    private async Task AnswerAsync(HttpContext context)
    {
        var selectors = context.Request.Query["match[]"].Select(text => SelectorParser.ParseAny(text!)).ToList();
        if (context.Request.Path == "/api/v1/label/__name__/values")
        {
            var names = Names().Select(name => $"\"{name}\"");
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(
                $"{{\"status\":\"success\",\"data\":[{string.Join(',', names)}]}}",
                context.RequestAborted
            );
            return;
        }
        var number = Interlocked.Increment(ref requests);
        var now = Interlocked.Increment(ref atOnce);
        while (Volatile.Read(ref mostAtOnce) is var most && now > most)
        {
            Interlocked.CompareExchange(ref mostAtOnce, now, most);
        }
        try
        {
            await FederateAsync(context, selectors, number);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Whoever asked has lost patience, as it is meant to.
        }
        finally
        {
            Interlocked.Decrement(ref atOnce);
        }
    }

    private async Task FederateAsync(HttpContext context, List<VectorSelector> selectors, int number)
    {
        var began = Stopwatch.GetTimestamp();
        var stampMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var body = new StringBuilder();
        var series = 0;
        foreach (var name in Names().Where(name => selectors.Exists(selector => Selects(selector, name))))
        {
            body.Append(CultureInfo.InvariantCulture, $"# TYPE {name} untyped\n");
            var isBuckets = name.EndsWith("_bucket", StringComparison.Ordinal);
            for (var i = 0; i < (isBuckets ? BucketsPerFamily : 1); i++, series++)
            {
                var le = isBuckets ? $",le=\"{i}\"" : "";
                body.Append(CultureInfo.InvariantCulture, $"{name}{{job=\"slow\"{le}}} {number} {stampMs}\n");
            }
        }
        var cost = (PerSelector * selectors.Count) + (PerSeries * series) - Stopwatch.GetElapsedTime(began);
        await Task.Delay(cost > TimeSpan.Zero ? cost : TimeSpan.Zero, context.RequestAborted);
        context.Response.ContentType = FakeSource.MetricsType;
        await context.Response.WriteAsync(body.ToString(), context.RequestAborted);
    }

    /// <summary>Its selectors are about metric names only.</summary>
    private static bool Selects(VectorSelector selector, string name) =>
        selector.Matchers.All(matcher => matcher.Matches(name));

    private IEnumerable<string> Names() =>
        Enumerable
            .Range(0, families * NamesPerFamily)
            .Select(i =>
                FamilyName(i / NamesPerFamily)
                + (
                    (i % NamesPerFamily) switch
                    {
                        0 => "_bucket",
                        1 => "_sum",
                        _ => "_count",
                    }
                )
            )
            .Order(StringComparer.Ordinal);
}
