using System.Globalization;
using System.Net;
using Tributary.Configuration;
using Tributary.Discovery.Kubernetes;
using Tributary.Tests.Unit.Jobs;

namespace Tributary.Tests.Unit.Discovery.Kubernetes;

/// <summary>Pages, versions, and what happens when an API server refuses, fails or means harm.</summary>
public sealed class KubernetesListTests
{
    private const string Server = "kubernetes_sd: https://api.example:6443/k8s: ";

    [Fact]
    public async Task Pages_AreReadToTheEnd()
    {
        using var place = Many(1203);
        place.Server.MaxPage = 400;
        await place.FindAsync();
        Assert.Equal(1203, place.Provider.Groups.Count);
        Assert.Equal(1203, place.Provider.Groups.Select(group => group.Source).Distinct().Count());
        Assert.Equal(4, place.Server.Requests.Count);
        Assert.All(place.Server.Requests.Skip(1), request => Assert.Contains("&continue=", request));
    }

    /// <summary>An unchanged answer changes nothing; the next list need only be as new as the last.</summary>
    [Fact]
    public async Task KnownVersion_IsAskedForAndNothingOlder()
    {
        using var place = Many(3);
        Assert.True(await place.Provider.RefreshAsync(default));
        var version = place.Server.Version;
        place.Server.Version += 5;
        Assert.False(await place.Provider.RefreshAsync(default));
        Assert.EndsWith(
            $"/services?limit=500&resourceVersion={version}&resourceVersionMatch=NotOlderThan",
            place.Server.Requests[1],
            StringComparison.Ordinal
        );
        place.Server.Add("services", Service("late"));
        Assert.True(await place.Provider.RefreshAsync(default));
        Assert.Contains($"resourceVersion={version + 5}&", place.Server.Requests[2], StringComparison.Ordinal);
        Assert.Equal(4, place.Provider.Groups.Count);
        Assert.Empty(place.Provider.Problems);
    }

    /// <summary>Such a server answers with exactly the version that it is asked for.</summary>
    [Fact]
    public async Task OldServer_DoesNotHoldUsInThePast()
    {
        using var place = Many(3);
        place.Server.IsOld = true;
        for (var i = 0; i < 4; i++)
        {
            place.Server.Version++;
            await place.FindAsync();
        }
        Assert.Equal(
            [false, true, false, true],
            place.Server.Requests.Select(request => request.Contains("resourceVersion=", StringComparison.Ordinal))
        );
    }

    [Fact]
    public async Task ListThatExpiresInTheMiddle_IsBegunAnew()
    {
        using var place = Many(5);
        place.Server.MaxPage = 2;
        place.Server.Intercept = request =>
        {
            // Once, while the second page is asked for.
            if (request.Contains("continue", StringComparison.Ordinal) && place.Server.OldestVersion == 0)
            {
                place.Server.OldestVersion = ++place.Server.Version;
            }
            return null;
        };
        await place.FindAsync();
        Assert.Equal(5, place.Provider.Groups.Count);
        Assert.Equal(
            [false, true, false, true, true],
            place.Server.Requests.Select(request => request.Contains("continue", StringComparison.Ordinal))
        );
    }

    [Fact]
    public async Task ListThatExpiresAgainAndAgain_IsAProblem()
    {
        using var place = Many(5);
        await place.FindAsync();
        place.Server.MaxPage = 2;
        place.Server.Intercept = request =>
        {
            if (request.Contains("continue", StringComparison.Ordinal))
            {
                place.Server.OldestVersion = ++place.Server.Version;
            }
            return null;
        };
        Assert.Equal(
            Server
                + "the API server answered 410 to a list of services: its lists expire before they are read whole; is it overloaded?"
                + "; it says: The provided continue parameter is too old to display a consistent list result."
                + "; its former targets are kept",
            await place.FailAsync()
        );
        Assert.Equal(9, place.Server.Requests.Count);
    }

    /// <summary>As after a restore of the cluster: the version that we know is of the future.</summary>
    [Fact]
    public async Task VersionThatTheServerDoesNotHave_IsForgotten()
    {
        using var place = Many(2);
        await place.FindAsync();
        place.Server.Version = 7;
        await place.FindAsync();
        Assert.Equal(3, place.Server.Requests.Count);
        Assert.DoesNotContain("resourceVersion", place.Server.Requests[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task MissingRights_AreToldAllAtOnce()
    {
        using var place = new KubernetesPlace(
            new KubernetesSdConfig
            {
                Role = KubernetesRole.EndpointSlice,
                AttachMetadata = new KubernetesMetadata { Node = true },
            }
        );
        await place.FindAsync();
        place.Server.Forbidden.UnionWith(["nodes", "pods", "endpointslices"]);
        Assert.Equal(
            Server
                + "the API server answered 403: the account may not list nodes, pods, endpointslices of the whole cluster; "
                + "bind it to a ClusterRole with apiGroups: [\"\", \"discovery.k8s.io\"], resources: [nodes, pods, endpointslices], verbs: [list]"
                + "; it says: nodes is forbidden: User \"system:serviceaccount:m:t\" cannot list resource \"nodes\" in API group \"\" at the cluster scope"
                + "; its former targets are kept",
            await place.FailAsync()
        );
        place.Server.Forbidden.Clear();
        await place.FindAsync();
    }

    [Fact]
    public async Task MissingRightsInNamespaces_NameThem()
    {
        using var place = new KubernetesPlace(
            new KubernetesSdConfig { Role = KubernetesRole.Pod, Namespaces = ["a", "b"] }
        );
        place.Server.Forbidden.Add("pods");
        const string Role = "bind it to a Role there with apiGroups: [\"\"], resources: [pods], verbs: [list]";
        Assert.StartsWith(
            Server
                + $"the API server answered 403: the account may not list pods in namespace a; {Role}; "
                + $"the account may not list pods in namespace b; {Role}; it says:",
            await place.FailAsync(),
            StringComparison.Ordinal
        );
    }

    /// <summary>Status, body, and what is told.</summary>
    public static TheoryData<int, string, string> Failures =>
        new()
        {
            {
                401,
                "",
                "answered 401 to a list of services: it does not accept a request without credentials (give authorization, or a certificate in tls_config)"
            },
            { 404, "<html>", "answered 404 to a list of services: is the address that of a Kubernetes API server?" },
            { 500, """{"message":"etcd is gone"}""", "answered 500 to a list of services; it says: etcd is gone" },
            { 500, """{"message":7}""", "answered 500 to a list of services;" },
            { 500, """["x"]""", "answered 500 to a list of services;" },
            { 503, "", "answered 503 to a list of services: it is overloaded, or limits this account" },
            {
                400,
                """{"message":"unable to parse"}""",
                "are the selectors ones that this resource takes?; it says: unable"
            },
            { 302, "", "answered 302 to a list of services;" },
            { 200, "", "the answer is no valid JSON (line 1) instead of a ServiceList" },
            { 200, "<html>", "the answer is no valid JSON (line 1) instead of a ServiceList" },
            { 200, """{"kind":"ServiceList","items":[{""", "the answer is no valid JSON" },
            { 200, "null", "the answer is JSON, but not a ServiceList as its API describes it" },
            { 200, "[]", "the answer is JSON, but not a ServiceList" },
            { 200, "{}", "the answer is JSON, but not a ServiceList" },
            { 200, """{"kind":"PodList","items":[]}""", "the answer is JSON, but not a ServiceList" },
            { 200, List("null"), "the answer is JSON, but not a ServiceList" },
            { 200, List("{}"), "the answer is JSON, but not a ServiceList" },
            { 200, """{"kind":"ServiceList","items":{}}""", "the answer is JSON, but not a ServiceList" },
            { 200, List("""{"metadata":{"name":7}}"""), "the answer is JSON, but not a ServiceList" },
            { 200, List("""{"metadata":{"labels":["a"]}}"""), "the answer is JSON, but not a ServiceList" },
            { 200, List("""{"metadata":{"labels":{"a":1}}}"""), "the answer is JSON, but not a ServiceList" },
            { 200, List("""{"metadata":{"name":"\ud800"}}"""), "the answer is JSON, but not a ServiceList" },
            { 200, List("{\"metadata\":{\"name\":\"\u00ff\"}}"), "the answer is JSON, but not a ServiceList" },
            {
                200,
                List("""{"metadata":{},"spec":{"ports":[{"port":"80"}]}}"""),
                "the answer is JSON, but not a Service"
            },
            {
                200,
                List("""{"metadata":{},"spec":{"ports":[{"port":1e99}]}}"""),
                "the answer is JSON, but not a Service"
            },
            { 200, List("""{"metadata":{},"spec":[]}"""), "the answer is JSON, but not a ServiceList" },
            { 200, $"{new string('[', 100)}", "the answer is no valid JSON" },
            {
                200,
                """{"kind":"ServiceList","metadata":{"continue":7}}""",
                "the answer is JSON, but not a ServiceList"
            },
        };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task BadAnswer_KeepsTheTargetsAndIsTold(int status, string body, string problem)
    {
        using var place = Many(2);
        await place.FindAsync();
        place.Server.Intercept = _ => (status, body);
        var told = await place.FailAsync();
        Assert.StartsWith(Server, told, StringComparison.Ordinal);
        Assert.Contains(problem, told.Replace("; its former", ";; its former"), StringComparison.Ordinal);
        Assert.EndsWith("; its former targets are kept", told, StringComparison.Ordinal);
        place.Server.Intercept = _ => null;
        await place.FindAsync();
        Assert.Equal(2, place.Provider.Groups.Count);
    }

    [Fact]
    public async Task UnknownResource_NamesItsGroup()
    {
        using var place = KubernetesPlace.Of(KubernetesRole.Ingress);
        place.Server.Intercept = _ => KubernetesDouble.Status(404, "the server could not find the requested resource");
        Assert.Equal(
            Server
                + "the API server answered 404 to a list of ingresses: it does not serve networking.k8s.io/v1; is api_server "
                + "right, and the cluster not too old?; it says: the server could not find the requested resource",
            await place.FailAsync()
        );
    }

    /// <summary>What a server repeats of the token that it got is not shown.</summary>
    [Fact]
    public async Task RepeatedToken_IsHidden()
    {
        using var place = Many(1);
        place.Server.Intercept = _ => KubernetesDouble.Status(401, $"no such token: {KubernetesDouble.Token}");
        Assert.Contains("it says: no such token: xxxxx", await place.FailAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task PageThatLeadsToItself_IsAProblem()
    {
        using var place = Many(1);
        place.Server.Intercept = _ => (200, """{"kind":"ServiceList","metadata":{"continue":"again"},"items":[]}""");
        Assert.Equal(Server + "a list of services does not end: a page leads to itself", await place.FailAsync());
        Assert.Equal(2, place.Server.Requests.Count);
    }

    [Fact]
    public async Task EndlessPages_AreAProblem()
    {
        using var place = Many(1);
        var page = 0;
        place.Server.Intercept = _ =>
            (200, $$"""{"kind":"ServiceList","metadata":{"continue":"{{++page}}"},"items":[]}""");
        Assert.Contains($"does not end: {KubernetesApi.MaxPages} pages", await place.FailAsync());
    }

    [Fact]
    public async Task EndlessNames_AreAProblem()
    {
        using var place = Many(1);
        place.Server.Intercept = _ =>
            (200, $$"""{"kind":"ServiceList","metadata":{"continue":"{{new string('x', 10_000)}}"},"items":[]}""");
        Assert.Contains("does not end: 1 pages", await place.FailAsync());
    }

    [Fact]
    public async Task TooManyObjects_AreAProblem()
    {
        using var place = Many(1);
        var page = 0;
        var items = string.Join(',', Enumerable.Repeat("""{"metadata":{}}""", 20_000));
        place.Server.Intercept = _ =>
            (200, $$"""{"kind":"ServiceList","metadata":{"continue":"{{++page}}"},"items":[{{items}}]}""");
        Assert.Contains($"the lists have more than {KubernetesApi.MaxObjects} objects", await place.FailAsync());
    }

    /// <summary>Pages with bytes that are others: read, or refused with a problem, and nothing else.</summary>
    [Theory]
    [InlineData(KubernetesRole.Pod, 1)]
    [InlineData(KubernetesRole.Endpoints, 2)]
    [InlineData(KubernetesRole.EndpointSlice, 3)]
    [InlineData(KubernetesRole.Ingress, 4)]
    [InlineData(KubernetesRole.Node, 5)]
    [InlineData(KubernetesRole.Service, 6)]
    public async Task MutatedPages_AreReadOrRefused(KubernetesRole role, int seed)
    {
        var random = new Random(seed);
        using var place = KubernetesPlace.Of(role);
        await place.FindAsync();
        using var healthy = KubernetesPlace.Of(role);
        const int refreshes = 150;
        place.Server.Intercept = path =>
        {
            var body = healthy.Server.Answer(path.Split('&')[0], $"Bearer {KubernetesDouble.Token}").Body.ToCharArray();
            for (var changes = random.Next(3); changes > 0; changes--)
            {
                body[random.Next(body.Length)] = "{}[]\",:0n \u00e4\\"[random.Next(12)];
            }
            return (200, new string(body));
        };
        for (var i = 0; i < refreshes; i++)
        {
            var failures = place.Provider.Failures;
            await place.Provider.RefreshAsync(default);
            Assert.True(place.Provider.Failures == failures || place.Provider.Problems.Count == 1);
        }
        Assert.InRange(place.Provider.Failures, refreshes / 10, refreshes - refreshes / 10);
    }

    /// <summary>A thousand addresses times a thousand ports of one service.</summary>
    [Fact]
    public async Task TooManyTargets_AreAProblem()
    {
        using var place = KubernetesPlace.Of(KubernetesRole.Endpoints);
        var addresses = string.Join(',', Enumerable.Repeat("""{"ip":"192.0.2.1"}""", 1000));
        var ports = string.Join(',', Enumerable.Range(1, 1000).Select(port => $$"""{"port":{{port}}}"""));
        place.Server.Add(
            "endpoints",
            $$$"""{"metadata":{"name":"e"},"subsets":[{"addresses":[{{{addresses}}}],"ports":[{{{ports}}}]}]}"""
        );
        Assert.Contains($"there are more than {ClusterView.MaxTargets} targets", await place.FailAsync());
    }

    /// <summary>One pod with many labels behind many ports: its labels are on every target.</summary>
    [Fact]
    public async Task TooManyLabels_AreAProblem()
    {
        using var place = KubernetesPlace.Of(KubernetesRole.Endpoints);
        var labels = string.Join(',', Enumerable.Range(0, 10_000).Select(n => $"\"l{n}\":\"\""));
        var ports = string.Join(',', Enumerable.Range(1, 2000).Select(port => $$"""{"port":{{port}}}"""));
        place.Server.Add("pods", $$$$"""{"metadata":{"name":"p","namespace":"n","labels":{{{{{labels}}}}}}}""");
        place.Server.Add(
            "endpoints",
            $$$"""
            {"metadata":{"name":"e"},"subsets":[{
              "addresses":[{"ip":"192.0.2.1","targetRef":{"kind":"Pod","namespace":"n","name":"p"}},
                           {"ip":"192.0.2.2","targetRef":{"kind":"Pod","namespace":"n","name":"p"}}],
              "ports":[{{{ports}}}]}]}
            """
        );
        Assert.Contains($"{ClusterView.MaxTargetLabels} labels of targets", await place.FailAsync());
    }

    [Fact]
    public async Task DamagedGzip_IsAProblem()
    {
        using var place = Many(1);
        place.Server.Headers.Add(new("Content-Encoding", "gzip"));
        place.Server.Intercept = _ => (200, "no gzip");
        Assert.Contains("the gzip body is damaged", await place.FailAsync());
    }

    [Fact]
    public async Task BusyServer_IsAskedAgainWhenItSays()
    {
        using var place = Many(2);
        place.Server.Headers.Add(new("Retry-After", "2"));
        place.Server.Intercept = _ => place.Server.Requests.Count <= 2 ? (429, "") : null;
        var refresh = place.Provider.RefreshAsync(default);
        for (var requests = 1; requests <= 2; requests++)
        {
            var count = requests;
            await CollectPlace.UntilAsync(() => place.Server.Requests.Count == count);
            place.Time.Advance(TimeSpan.FromSeconds(1.9));
            Assert.False(refresh.IsCompleted);
            place.Time.Advance(TimeSpan.FromSeconds(0.2));
        }
        Assert.True(await refresh);
        Assert.Equal(2, place.Provider.Groups.Count);
    }

    [Fact]
    public async Task BusyServer_ThatWantsALongRest_GetsIt()
    {
        using var place = Many(2);
        place.Server.Headers.Add(new("Retry-After", "300"));
        place.Server.Intercept = _ => (429, "");
        var problem = await place.FailAsync();
        place.Server.Intercept = _ => null;
        place.Time.Advance(TimeSpan.FromSeconds(299));
        Assert.False(await place.Provider.RefreshAsync(default));
        Assert.Single(place.Server.Requests);
        Assert.Equal([problem], place.Provider.Problems);
        place.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(await place.Provider.RefreshAsync(default));
        Assert.Empty(place.Provider.Problems);
    }

    [Fact]
    public async Task EndlessBody_IsAProblem()
    {
        using var provider = Over(new EndlessHandler());
        Assert.False(await provider.RefreshAsync(default));
        Assert.Equal(
            $"kubernetes_sd: http://h: the answer is longer than {KubernetesApi.MaxPageBytes} bytes",
            Assert.Single(provider.Problems)
        );
    }

    [Fact]
    public async Task SilentServer_IsGivenUp()
    {
        var time = new Scraping.ManualTime(0);
        var silent = new SilentHandler();
        using var provider = Over(silent, time);
        var refresh = provider.RefreshAsync(default);
        await CollectPlace.UntilAsync(() => silent.IsAsked);
        time.Advance(TimeSpan.FromSeconds(31));
        Assert.False(await refresh);
        Assert.Contains("no whole answer within 30 s", Assert.Single(provider.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopped_IsNoFailure()
    {
        var silent = new SilentHandler();
        using var provider = Over(silent);
        using var stop = new CancellationTokenSource();
        var refresh = provider.RefreshAsync(stop.Token);
        await CollectPlace.UntilAsync(() => silent.IsAsked);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => refresh);
        Assert.Equal(0, provider.Failures);
    }

    [Fact]
    public async Task NoServer_IsAProblem()
    {
        using var provider = new KubernetesDiscovery(
            new KubernetesSdConfig { Role = KubernetesRole.Pod, ApiServer = new Uri("http://u:secret@127.0.0.1:1/p") },
            http => Tributary.HttpClients.HttpClientFactory.Create(http, TimeProvider.System),
            TimeProvider.System
        );
        Assert.False(await provider.RefreshAsync(default));
        var problem = Assert.Single(provider.Problems);
        Assert.StartsWith(
            "kubernetes_sd: http://127.0.0.1:1/p: no connection to 127.0.0.1:1",
            problem,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("secret", problem, StringComparison.Ordinal);
    }

    private static KubernetesDiscovery Over(HttpMessageHandler handler, TimeProvider? time = null) =>
        new(
            new KubernetesSdConfig { Role = KubernetesRole.Pod, ApiServer = new Uri("http://h") },
            _ => new HttpMessageInvoker(handler),
            time ?? TimeProvider.System
        );

    private static KubernetesPlace Many(int services)
    {
        var place = KubernetesPlace.Of(KubernetesRole.Service);
        place.Server.Clear("services");
        place.Server.Add(
            "services",
            [.. Enumerable.Range(0, services).Select(n => Service(n.ToString(CultureInfo.InvariantCulture)))]
        );
        return place;
    }

    private static string Service(string name) =>
        $$$"""{"metadata":{"name":"s{{{name}}}","namespace":"n"},"spec":{"ports":[{"port":80}]}}""";

    private static string List(string item) => $$"""{"kind":"ServiceList","metadata":{},"items":[{{item}}]}""";

    private sealed class EndlessHandler : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        ) =>
            Task.FromResult(
                new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(new EndlessStream()) }
            );
    }

    private sealed class SilentHandler : HttpMessageHandler
    {
        public bool IsAsked { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            IsAsked = true;
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException("nobody waits so long");
        }
    }

    /// <summary>Spaces without end.</summary>
    private sealed class EndlessStream : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            Array.Fill(buffer, (byte)' ', offset, count);
            return count;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
