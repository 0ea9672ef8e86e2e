using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Web;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Tests.Unit.Scraping;

namespace Tributary.Tests.Unit.Federation;

/// <summary>A server's <c>/federate</c> and the list of its metric names, as slow as a test wants it.</summary>
internal sealed class FederateModel(TimeProvider time, IEnumerable<LabelSet> series)
    : HttpMessageInvoker(new NoHandler())
{
    private const string MatchParameter = "match[]";

    private readonly List<(string Name, List<(LabelSet Series, string Line)> Lines)> families =
    [
        .. series
            .Distinct()
            .GroupBy(one => one.MetricName, StringComparer.Ordinal)
            .OrderBy(group => group.Key, Comparer<string>.Create(Utf8Order.Compare))
            .Select(group => (group.Key, group.Select((one, i) => (one, LineOf(one, i))).ToList())),
    ];

    /// <summary>All samples have it.</summary>
    private static readonly long StampMs = Simulation.SimulatedTime.Start.ToUnixTimeMilliseconds();

    private int asked;

    /// <summary>What a request costs for each of its selectors.</summary>
    public TimeSpan PerSelector { get; set; }

    /// <summary>What a request costs for each series that it gets.</summary>
    public TimeSpan PerSeries { get; set; }

    /// <summary>Whether the server tells its metric names.</summary>
    public bool TellsNames { get; set; } = true;

    /// <summary>Whether the server answers nothing at all.</summary>
    public bool IsGone { get; set; }

    /// <summary>Whether the server refuses conditions on metric names that it was not configured with.</summary>
    public bool RefusesRanges { get; set; }

    /// <summary>Whether the server answers with everything, whatever it is asked for.</summary>
    public bool IgnoresSelectors { get; set; }

    /// <summary>Whether what a request took so long for is sent bit by bit, rather than at its end.</summary>
    public bool Streams { get; set; }

    /// <summary>Makes something else of an answer's text; by the number of the request to <c>/federate</c>.</summary>
    public Func<int, string, string> Edit { get; set; } = (_, text) => text;

    /// <summary>Fails a request to <c>/federate</c>, by its number.</summary>
    public Func<int, bool> Fails { get; set; } = _ => false;

    /// <summary>The metric names that the server has.</summary>
    public IEnumerable<string> Names => families.Select(family => family.Name);

    /// <summary>How many requests <c>/federate</c> got.</summary>
    public int Requests => asked;

    /// <summary>How many requests for names there were.</summary>
    public int NameRequests { get; private set; }

    /// <summary>The most requests that <c>/federate</c> had at once.</summary>
    public int MostAtOnce { get; private set; }

    private int AtOnce { get; set; }

    public override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        if (IsGone)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
        }
        var selectors = HttpUtility
            .ParseQueryString(request.RequestUri!.Query)
            .GetValues(MatchParameter)!
            .Select(SelectorParser.ParseAny)
            .ToList();
        if (request.RequestUri.AbsolutePath is "/prefix/api/v1/label/__name__/values")
        {
            NameRequests++;
            return TellsNames ? NamesOf(selectors) : new HttpResponseMessage(HttpStatusCode.NotFound);
        }
        Assert.Equal("/prefix/federate", request.RequestUri.AbsolutePath);
        var number = asked++;
        AtOnce++;
        MostAtOnce = Math.Max(MostAtOnce, AtOnce);
        try
        {
            return await AnswerAsync(number, selectors, cancellationToken);
        }
        finally
        {
            AtOnce--;
        }
    }

    private async Task<HttpResponseMessage> AnswerAsync(
        int number,
        List<VectorSelector> selectors,
        CancellationToken cancellationToken
    )
    {
        var body = new StringBuilder();
        var lines = 0;
        foreach (var (name, all) in families)
        {
            foreach (var line in Selected(selectors, name, all))
            {
                body.Append(lines++ % 1000 == 0 ? $"# TYPE {name} untyped\n" : "").Append(line);
            }
        }
        var cost = (PerSelector * selectors.Count) + (PerSeries * lines);
        if (!Streams)
        {
            await Task.Delay(cost, time, cancellationToken);
        }
        if (RefusesRanges && selectors.Exists(selector => selector.Matchers.Count(IsName) > 1))
        {
            return new HttpResponseMessage(HttpStatusCode.BadRequest);
        }
        if (Fails(number))
        {
            return new HttpResponseMessage(HttpStatusCode.InternalServerError);
        }
        var bytes = Encoding.UTF8.GetBytes(Edit(number, body.ToString()));
        return Streams
            ? ScriptedSource.Streamed(new SlowStream(bytes, cost, time), "text/plain; version=0.0.4")
            : ScriptedSource.Bytes(bytes);
    }

    private IEnumerable<string> Selected(
        List<VectorSelector> selectors,
        string name,
        List<(LabelSet Series, string Line)> all
    )
    {
        var others = selectors
            .Where(selector =>
                IgnoresSelectors || selector.Matchers.Where(IsName).All(matcher => matcher.Matches(name))
            )
            .Select(selector => selector.Matchers.Where(matcher => !IsName(matcher)).ToList())
            .ToList();
        if (others.Count == 0)
        {
            return [];
        }
        return others.Exists(matchers => matchers.Count == 0 || IgnoresSelectors)
            ? all.Select(one => one.Line)
            : all.Where(one => others.Exists(matchers => matchers.TrueForAll(matcher => matcher.Matches(one.Series))))
                .Select(one => one.Line);
    }

    private HttpResponseMessage NamesOf(List<VectorSelector> selectors)
    {
        var names = families
            .Where(family => family.Lines.Exists(line => selectors.Exists(selector => selector.Matches(line.Series))))
            .Select(family => family.Name);
        return ScriptedSource.Text(
            $"{{\"status\":\"success\",\"data\":[{string.Join(',', names.Select(name => JsonSerializer.Serialize(name)))}]}}",
            "application/json"
        );
    }

    private static bool IsName(LabelMatcher matcher) =>
        string.Equals(matcher.Name, LabelSet.MetricNameLabel, StringComparison.Ordinal);

    private static string LineOf(LabelSet series, int number)
    {
        var labels = series
            .Labels.ToArray()
            .Where(label => label.Name is not LabelSet.MetricNameLabel)
            .Select(label => Encoding.UTF8.GetString(LabelText.Render(label.Name, label.Value)));
        var name = Encoding.UTF8.GetString(LabelText.Quote(series.MetricName));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{{{string.Join(',', labels.Prepend(name))}}} {number}.5 {StampMs}\n"
        );
    }

    private sealed class NoHandler : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        ) => throw new NotSupportedException();
    }
}
