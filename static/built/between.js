import"./chunk-C6PH5XIL.js";
