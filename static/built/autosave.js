import"./chunk-BYUTUBFS.js";import"./chunk-VDOYGRPU.js";import"./chunk-FZBWN576.js";import"./chunk-LGPS5TYQ.js";
