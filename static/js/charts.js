/* Charts: data beside them as JSON, one theme, drawn on canvas; a click opens the list behind. */
(() => {
  "use strict";
  const tone = (name) => {
    const probe = document.createElement("i");
    probe.style.color = `var(${name})`;
    document.body.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };
  /* Okabe–Ito, darkened or lightened for the two grounds: apart for every kind of colour sight */
  const light = ["#0b6470", "#c95f02", "#3b6fb6", "#b08800", "#8c3f78", "#4d8f3a", "#6b7a80"];
  const dark = ["#62c5cf", "#f0a04b", "#8ab6f5", "#e5c558", "#d795c6", "#9bd07f", "#a9b8bc"];
  const korean = document.documentElement.lang.startsWith("ko");
  const units = korean ? [[1e12, "조"], [1e8, "억"], [1e4, "만"]] : [[1e12, "tn"], [1e9, "bn"], [1e6, "m"], [1e3, "k"]];
  const short = (value, data) => {
    if (data.percent) return `${(value * 100).toFixed(Math.abs(value) < 0.1 ? 1 : 0)}%`;
    for (const [size, word] of units) if (Math.abs(value) >= size) return `${+(value / size).toFixed(1)}${word}`;
    return value.toLocaleString("ko-KR");
  };
  const full = (value, data) => value === null || value === undefined ? "–" : data.percent ? `${(value * 100).toFixed(1)}%` : `${value.toLocaleString("ko-KR")}${data.unit ? ` ${data.unit}` : ""}`;
  const isDark = () => getComputedStyle(document.documentElement).colorScheme === "dark"
    || (!document.documentElement.dataset.bsTheme && matchMedia("(prefers-color-scheme: dark)").matches);

  const option = (data, width) => {
    const ink = tone("--ink"), quiet = tone("--ink-2"), line = tone("--line"), ground = tone("--surface");
    const base = {
      color: isDark() ? dark : light, animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: quiet },
      tooltip: { renderMode: "richText", backgroundColor: ground, borderColor: line, textStyle: { color: ink, fontSize: 13 }, confine: true },
      legend: data.series.length > 1 || data.kind === "donut" ? { bottom: 0, icon: "roundRect", itemWidth: 10, itemHeight: 10, textStyle: { color: ink }, type: "scroll" } : undefined,
    };
    if (data.kind === "donut") {
      const values = data.series[0].values;
      const sum = values.reduce((a, b) => a + (b || 0), 0);
      return { ...base, tooltip: { ...base.tooltip, formatter: (p) => `${p.name}\n${full(p.value, data)} (${p.percent}%)` },
        series: [{ type: "pie", radius: ["52%", "78%"], center: ["50%", "44%"], itemStyle: { borderColor: ground, borderWidth: 2 },
          label: { show: true, position: "center", formatter: short(sum, data), color: ink, fontSize: 18, fontWeight: 700 },
          labelLine: { show: false }, data: data.categories.map((name, i) => ({ name, value: values[i] })) }] };
    }
    if (data.kind === "waterfall") {
      /* the first and the last category are balances, those between are the steps from one to the other */
      const steps = data.series[0].values.map((v) => v || 0);
      let at = 0;
      const bars = steps.map((step, i) => {
        const from = i === 0 || i === steps.length - 1 ? 0 : at;
        at = i === steps.length - 1 ? step : from + step;
        return [from, at, Math.min(from, at), Math.max(from, at)];
      });
      const [up, down, whole] = [(isDark() ? dark : light)[5], (isDark() ? dark : light)[1], (isDark() ? dark : light)[0]];
      return { ...base, legend: undefined,
        grid: { left: 8, right: 16, top: 12, bottom: 4, containLabel: true },
        tooltip: { ...base.tooltip, trigger: "item", formatter: (p) => `${p.name}\n${full(steps[p.dataIndex], data)}` },
        xAxis: { type: "category", data: data.categories, axisLine: { lineStyle: { color: line } }, axisTick: { show: false }, axisLabel: { color: quiet, interval: 0, ...names(data.categories.length, width) } },
        yAxis: { type: "value", splitLine: { lineStyle: { color: line } }, axisLabel: { color: quiet, formatter: (v) => short(v, data) } },
        series: [{ type: "candlestick", barMaxWidth: 46, data: bars.map((bar, i) => {
          const ends = i === 0 || i === bars.length - 1, ink_ = ends ? whole : bar[1] >= bar[0] ? up : down;
          return { value: bar, itemStyle: { color: ink_, color0: ink_, borderColor: ink_, borderColor0: ink_ } };
        }) }] };
    }
    const across = data.kind === "hbar";
    const category = { type: "category", data: data.categories, axisLine: { lineStyle: { color: line } }, axisTick: { show: false }, axisLabel: { color: quiet, hideOverlap: true } };
    const value = { type: "value", splitLine: { lineStyle: { color: line } }, axisLabel: { color: quiet, formatter: (v) => short(v, data) } };
    return { ...base,
      grid: { left: 8, right: 16, top: 12, bottom: data.series.length > 1 ? 34 : 4, containLabel: true },
      tooltip: { ...base.tooltip, trigger: "axis", axisPointer: { type: across || data.kind !== "line" ? "shadow" : "line" },
        formatter: (points) => [points[0].axisValueLabel, ...points.map((p) => `${p.seriesName}  ${full(p.value, data)}`)].join("\n") },
      xAxis: across ? value : category, yAxis: across ? { ...category, inverse: true } : value,
      series: data.series.map((one, i) => {
        const kind = one.kind || data.kind;
        if (kind === "line" || kind === "area") return { type: "line", name: one.name, data: one.values, symbol: ["circle", "rect", "triangle", "diamond"][i % 4], symbolSize: 6, lineStyle: { width: 2.25, type: ["solid", "dashed", "dotted"][i % 3] }, areaStyle: kind === "area" ? { opacity: 0.14 } : undefined };
        return { type: "bar", name: one.name, data: one.values, barMaxWidth: 34, stack: kind === "stack" ? "all" : undefined, itemStyle: { borderRadius: kind === "stack" ? 0 : across ? [0, 3, 3, 0] : [3, 3, 0, 0] } };
      }) };
  };

  /* every step keeps its name: broken into lines where there is room, aslant where there is none */
  const names = (count, width) => {
    const room = (width - 72) / count;
    return room < 72 ? { rotate: 45, width: 84, overflow: "truncate", fontSize: 11 } : { width: room - 6, overflow: "break" };
  };

  const drawn = [];
  const draw = (root) => {
    for (const box of root.querySelectorAll("[data-chart]")) {
      if (box.dataset.drawn || !window.echarts) continue;
      box.dataset.drawn = "1";
      const data = JSON.parse(document.getElementById(box.dataset.chart).textContent);
      const chart = window.echarts.init(box, null, { renderer: "canvas" });
      chart.setOption(option(data, box.clientWidth));
      if (data.urls.length) {
        chart.on("click", (p) => { if (data.urls[p.dataIndex]) location.href = data.urls[p.dataIndex]; });
      }
      new ResizeObserver(() => { chart.resize(); chart.setOption(option(data, box.clientWidth), true); }).observe(box);
      drawn.push([chart, data]);
    }
  };
  draw(document);
  document.body.addEventListener("htmx:load", (event) => draw(event.detail.elt));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { for (const [chart, data] of drawn) chart.setOption(option(data, chart.getWidth()), true); });
})();
